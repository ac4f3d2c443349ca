import { either } from "./i18n";

/** What the server says in `application/problem+json`, or what we say when it says nothing. */
export interface ProblemBody {
  code: string;
  status: number;
  detail: string;
  detail_en: string;
  next: string;
  next_en: string;
  [extra: string]: unknown;
}

export class Problem extends Error {
  readonly body: ProblemBody;

  constructor(body: ProblemBody) {
    super(`${body.status} ${body.code}`);
    this.name = "Problem";
    this.body = body;
  }

  get code(): string {
    return this.body.code;
  }

  get status(): number {
    return this.body.status;
  }

  /** What happened, in the language of the page. */
  get detail(): string {
    return either(this.body.detail, this.body.detail_en);
  }

  /** What to do next; may be empty. */
  get next(): string {
    return either(this.body.next, this.body.next_en);
  }
}

const own = (status: number, code: string, zh: [string, string], en: [string, string]): Problem =>
  new Problem({ status, code, detail: zh[0], next: zh[1], detail_en: en[0], next_en: en[1] });

export function networkProblem(): Problem {
  return own(
    0,
    "network",
    ["连不上服务器。", "请检查网络；连上后再试一次。"],
    ["The server cannot be reached.", "Check the network, then try again."],
  );
}

function unreadable(status: number): Problem {
  if (status >= 500) {
    return own(
      status,
      "server",
      ["服务器出了问题，这一步没有完成。", "请过一会儿再试；还不行就把时间和这一步告诉管理员。"],
      ["The server had a fault; this step was not done.", "Try again in a moment; if it stays, tell the administrator the time and the step."],
    );
  }
  return own(
    status,
    "unexpected",
    [`服务器没有接受这一步（${status}）。`, "请刷新本页再试。"],
    [`The server did not accept this step (${status}).`, "Reload the page and try again."],
  );
}

const text = (value: unknown): string => (typeof value === "string" ? value : "");

/** Turn any error answer into one Problem; a body that is none of ours becomes a plain sentence. */
export function problemFrom(body: unknown, status: number): Problem {
  if (typeof body !== "object" || body === null || !("code" in body) || !text(body.code)) return unreadable(status);
  const found = body as Record<string, unknown>;
  return new Problem({
    ...found,
    status,
    code: text(found.code),
    detail: text(found.detail) || text(found.title),
    detail_en: text(found.detail_en),
    next: text(found.next),
    next_en: text(found.next_en),
  });
}

/** Any thrown thing as a Problem, so that a page has one kind of error to show. */
export function asProblem(thrown: unknown): Problem {
  return thrown instanceof Problem ? thrown : networkProblem();
}
