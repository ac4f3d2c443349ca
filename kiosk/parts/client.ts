import createClient, { type Client } from "openapi-fetch";
import type { paths } from "../gen/schema";
import { networkProblem, problemFrom } from "./problem";

export type Api = Client<paths>;

/**
 * The typed client over the server's own description. `headers` is asked before every request,
 * because the device token and the console's CSRF token arrive later than the client is made.
 */
export function makeClient(headers: (method: string) => Record<string, string>, base = ""): Api {
  const client = createClient<paths>({ baseUrl: base, credentials: "same-origin" });
  client.use({
    onRequest({ request }) {
      for (const [name, value] of Object.entries(headers(request.method))) request.headers.set(name, value);
      return request;
    },
  });
  return client;
}

interface Call<T> {
  data?: T;
  error?: unknown;
  response: Response;
}

/** Wait for a call and give its data; everything else is thrown as a Problem. */
export async function answer<T>(call: Promise<Call<T>>): Promise<NonNullable<T>> {
  let reply: Call<T>;
  try {
    reply = await call;
  } catch {
    throw networkProblem();
  }
  if (!reply.response.ok) throw problemFrom(reply.error, reply.response.status);
  return reply.data as NonNullable<T>;
}
