// The listener in Node.js with the steps of the compiled one: the sender's signature
// is verified, the event kept under its job's id, the outcome claimed by one
// conditional update, then the task resumed and that noted. It is about one
// integration and writes the attributes that are counted, in the same table.

import { createHmac, randomUUID, timingSafeEqual } from "node:crypto";
import { ConditionalCheckFailedException, DynamoDBClient, UpdateItemCommand } from "@aws-sdk/client-dynamodb";
import { GetSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { SFNClient, SendTaskSuccessCommand } from "@aws-sdk/client-sfn";
import { serve } from "./runtime.mjs";

const TOLERANCE_SECONDS = 300;
const SECRET_FRESH_MS = 300_000;
const INTEGRATION = "identity-check";
const DIGEST = process.env.INTEGRATION_DIGEST;

const dynamodb = new DynamoDBClient({});
const sfn = new SFNClient({});
const secrets = new SecretsManagerClient({});
const TableName = process.env.WAIT_TABLE;

let known;

async function signingKey() {
  if (known === undefined || Date.now() - known.since > SECRET_FRESH_MS) {
    const SecretId = `${process.env.SECRET_PREFIX}${INTEGRATION}/webhook`;
    const { SecretString } = await secrets.send(new GetSecretValueCommand({ SecretId }));
    known = { since: Date.now(), key: Buffer.from(SecretString.replace(/^whsec_/, ""), "base64") };
  }
  return known.key;
}

/** Standard Webhooks: HMAC-SHA256 over the delivery's id, its time and its body. */
async function isGenuine({ headers, body }) {
  const id = headers["webhook-id"];
  const time = headers["webhook-timestamp"];
  if (!(Math.abs(Date.now() / 1000 - Number(time)) <= TOLERANCE_SECONDS)) {
    return false;
  }
  const expected = createHmac("sha256", await signingKey()).update(`${id}.${time}.${body}`).digest();
  return headers["webhook-signature"].split(" ").some((signature) => {
    const given = Buffer.from(signature.replace(/^v1,/, ""), "base64");
    return given.length === expected.length && timingSafeEqual(given, expected);
  });
}

async function update(pk, UpdateExpression, ConditionExpression, values, names) {
  const request = {
    TableName,
    Key: { pk: { S: pk } },
    UpdateExpression,
    ConditionExpression,
    ExpressionAttributeValues: values,
    ExpressionAttributeNames: names,
    ReturnValues: "ALL_NEW",
    ReturnValuesOnConditionCheckFailure: "ALL_OLD",
  };
  try {
    const { Attributes } = await dynamodb.send(new UpdateItemCommand(request));
    return Attributes;
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) {
      return error.Item;
    }
    throw error;
  }
}

function answer(statusCode, message) {
  return { statusCode, headers: { "content-type": "application/json" }, body: JSON.stringify({ message }) };
}

serve(async (event) => {
  if (!(await isGenuine(event))) {
    return answer(401, "the signature does not match");
  }
  const { data } = JSON.parse(event.body);
  const job = `J#${INTEGRATION}#${data.check_id}`;
  const outcome = { job_id: data.check_id, output: JSON.stringify(data.report), at: new Date().toISOString() };
  const keepUntil = Math.floor(Date.now() / 1000) + 3 * 24 * 3600;
  const met = await update(
    job,
    "SET #event = if_not_exists(#event, :event), #ttl = if_not_exists(#ttl, :ttl)",
    "attribute_not_exists(#wait) OR #digest = :digest",
    { ":event": { S: JSON.stringify(outcome) }, ":ttl": { N: String(keepUntil) }, ":digest": { S: DIGEST } },
    { "#event": "event", "#ttl": "ttl", "#wait": "wait_id", "#digest": "integration_digest" },
  );
  if (met.wait_id === undefined) {
    return answer(202, "kept: the job is not known yet");
  }
  if (met.integration_digest.S !== DIGEST) {
    return answer(503, "the wait started with another version of the file, which this listener does not know");
  }
  const pk = `W#${met.wait_id.S}`;
  const row = await update(
    pk,
    "SET #status = :succeeded, #outcome = :outcome, #operation = :operation REMOVE #due, #shard",
    "attribute_exists(#pk) AND attribute_not_exists(#outcome)",
    { ":succeeded": { S: "succeeded" }, ":outcome": met.event, ":operation": { S: randomUUID() } },
    {
      "#pk": "pk",
      "#status": "status",
      "#outcome": "outcome",
      "#operation": "outcome_operation",
      "#due": "due_at",
      "#shard": "due_shard",
    },
  );
  if (row.delivered_generation === undefined) {
    await sfn.send(new SendTaskSuccessCommand({ taskToken: row.token.S, output: row.outcome.S }));
    await update(
      pk,
      "SET #delivered = :generation",
      "#generation = :generation",
      { ":generation": row.generation },
      { "#delivered": "delivered_generation", "#generation": "generation" },
    );
  }
  return answer(200, "stored and delivered");
});
