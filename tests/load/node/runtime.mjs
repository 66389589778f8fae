// The Lambda runtime interface, without what Lambda's own client for Node.js adds
// to it (its logger, its streaming, its error types): whoever is measured with it
// is measured at no disadvantage.
// https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html

import { Agent, request } from "node:http";

const [hostname, port] = process.env.AWS_LAMBDA_RUNTIME_API.split(":");
const agent = new Agent({ keepAlive: true, maxSockets: 1 });

function call(method, path, body) {
  return new Promise((resolve, reject) => {
    const headers = body === undefined ? {} : { "content-length": Buffer.byteLength(body) };
    const options = { agent, hostname, port, method, path: `/2018-06-01/runtime/${path}`, headers };
    const sent = request(options, (response) => {
      const chunks = [];
      response.on("data", (chunk) => chunks.push(chunk));
      response.on("end", () => resolve({ headers: response.headers, body: Buffer.concat(chunks).toString() }));
      response.on("error", reject);
    });
    sent.on("error", reject);
    sent.end(body);
  });
}

/** Answers invocations with `handler`, one after the other, until the environment is taken away. */
export async function serve(handler) {
  for (;;) {
    const next = await call("GET", "invocation/next");
    const invocation = `invocation/${next.headers["lambda-runtime-aws-request-id"]}`;
    try {
      const answer = await handler(JSON.parse(next.body));
      await call("POST", `${invocation}/response`, JSON.stringify(answer));
    } catch (error) {
      await call("POST", `${invocation}/error`, JSON.stringify({ errorType: error.name, errorMessage: error.message }));
    }
  }
}
