import type { Reply, Round } from "../parts/shapes";
import type { Words } from "./scheme";
import { api, ask } from "./session";

/** A draw of places that the scheme asks for (实地考评抽取), as its document names it. */
export interface SiteDraw {
  id: string;
  title: Words;
  kinds: { id: string; title: Words; take: number[]; visits?: string[] }[];
}

type Plan = Pick<Reply<"/api/inspections", "get">[number], "id" | "kind">;

/** The draws whose places nobody has given yet: the plan of a draw ends in the draw's own id. */
export const placeless = (draws: readonly SiteDraw[], plans: readonly Plan[]): SiteDraw[] =>
  draws.filter((draw) => !plans.some((plan) => plan.kind === "site_check" && plan.id.endsWith(`-${draw.id.toLowerCase()}`)));

/** What the scheme of a round draws places for; a round without a scheme draws none. */
export async function siteDraws({ scheme_id, scheme_version }: Pick<Round, "scheme_id" | "scheme_version">): Promise<SiteDraw[]> {
  if (!scheme_id) return [];
  const { doc } = await ask(api.GET("/api/schemes/{scheme_id}", { params: { path: { scheme_id }, query: { version: scheme_version } } }));
  return (doc as { draws?: SiteDraw[] }).draws ?? [];
}

/** The draws by whose places people are visited, and whose places nobody has given yet. */
export async function unvisited(round: Round): Promise<SiteDraw[]> {
  const visiting = (await siteDraws(round)).filter((draw) => draw.kinds.some((kind) => kind.visits?.length));
  return visiting.length ? placeless(visiting, await ask(api.GET("/api/inspections", { params: { query: { round: round.id } } }))) : [];
}

/** How long each cell may be, in the order in which they stand in a line. */
export const COLUMNS = { area: 20, kind: 40, id: 40, name: 80, within: 40 } as const;
type Column = keyof typeof COLUMNS;
export type Place = Record<Column, string>;
const NAMES = Object.keys(COLUMNS) as Column[];
const FIRST_OF_HEADER = ["area", "地区", "地区代码", "单位", "单位代码"];

export interface LineFault {
  /** From 1, as an editor counts; null: it is about the whole list. */
  line: number | null;
  text: string;
  zh: string;
  en: string;
}

const cellsOf = (line: string): string[] => line.split(/[,，\t]/).map((cell) => cell.trim().replace(/^"(.*)"$/, "$1").trim());

function wrong(cells: readonly string[]): [string, string] | null {
  if (cells.length > NAMES.length) return [`有 ${cells.length} 栏，最多 ${NAMES.length} 栏`, `${cells.length} cells, ${NAMES.length} at most`];
  const long = NAMES.find((name, at) => (cells[at] ?? "").length > COLUMNS[name]);
  if (long) return [`第 ${NAMES.indexOf(long) + 1} 栏最多 ${COLUMNS[long]} 个字`, `cell ${NAMES.indexOf(long) + 1} has more than ${COLUMNS[long]} characters`];
  if (NAMES.slice(0, 4).some((_, at) => !cells[at])) return ["缺少前四栏中的一栏", "one of the first four cells is empty"];
  return null;
}

/**
 * One place a line. A unit or kind may stand by its name, too: `codes` leads from what is typed to what is sent.
 * `lines` is the line of each row, for what the server says about them.
 */
export function readPlaces(text: string, codes: Readonly<Record<"area" | "kind", ReadonlyMap<string, string>>>) {
  const [rows, lines, faults]: [Place[], number[], LineFault[]] = [[], [], []];
  text.replace(/^\uFEFF/, "").split(/\r?\n/).forEach((line, at) => {
    const cells = cellsOf(line);
    if (!cells.some(Boolean) || (!lines.length && !faults.length && FIRST_OF_HEADER.includes(cells[0] ?? ""))) return;
    const fault = wrong(cells);
    if (fault) faults.push({ line: at + 1, text: line.trim(), zh: fault[0], en: fault[1] });
    const [area = "", kind = "", id = "", name = "", within = ""] = cells;
    rows.push({ area: codes.area.get(area) ?? area, kind: codes.kind.get(kind) ?? kind, id, name, within });
    lines.push(at + 1);
  });
  return { rows, lines, faults };
}

/** The server's faults by the lines that were typed: `draws.party.3` is about the third row. */
export function placed(faults: readonly { key: string; zh: string; en: string }[], text: string, lines: readonly number[]): LineFault[] {
  const typed = text.split(/\r?\n/);
  return faults.map(({ key, zh, en }) => {
    const row = /^draws\.\w+\.(\d+)$/.exec(key)?.[1];
    const line = lines[Number(row) - 1] ?? null;
    return { line, text: line === null ? "" : (typed[line - 1] ?? "").trim(), zh, en };
  });
}

/** A list as a spreadsheet saves it: in UTF-8, or in the encoding of Chinese Windows. */
export async function textIn(file: Blob): Promise<string> {
  const bytes = await file.arrayBuffer();
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder("gb18030").decode(bytes);
  }
}
