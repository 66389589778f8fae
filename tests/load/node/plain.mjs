// The listener as articles show it: the token of the waiting task lies in a table
// by the job's id; whoever calls resumes it. It believes everybody, and it does not
// see whether the task was resumed before.

import { DynamoDBClient, GetItemCommand } from "@aws-sdk/client-dynamodb";
import { SFNClient, SendTaskSuccessCommand } from "@aws-sdk/client-sfn";
import { serve } from "./runtime.mjs";

const dynamodb = new DynamoDBClient({});
const sfn = new SFNClient({});
const TableName = process.env.TOKEN_TABLE;

serve(async (event) => {
  const { data } = JSON.parse(event.body);
  const { Item } = await dynamodb.send(new GetItemCommand({ TableName, Key: { job_id: { S: data.check_id } } }));
  if (Item === undefined) {
    return { statusCode: 404, body: JSON.stringify({ message: "the job is not known" }) };
  }
  const output = JSON.stringify({ job_id: data.check_id, report: data.report });
  await sfn.send(new SendTaskSuccessCommand({ taskToken: Item.task_token.S, output }));
  return { statusCode: 200, body: JSON.stringify({ message: "delivered" }) };
});
