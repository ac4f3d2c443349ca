/** A unit that the city or a county adds to a round (增加的评议对象); `area` empty: the city does. */
export interface Added {
  area: string;
  code: string;
  name: string;
  category: string;
}

const CELL = /[,，\t]/;
const HEADING = /^(area|地区)/i;

/** The rows of pasted lines or of a file: area, code, name, category; a heading is passed over. */
export function addedIn(text: string): Added[] {
  const lines = text.replace(/^\ufeff/, "").split(/\r?\n/).filter((line) => line.trim());
  return lines.filter((line) => !HEADING.test(line.trim())).map((line) => {
    const [area = "", code = "", name = "", category = ""] = line.split(CELL).map((cell) => cell.trim());
    return { area, code, name, category };
  });
}

/** The rows as the answer is written, one a line; what stands empty as a whole is left out. */
export function addedText(rows: readonly Added[]): string {
  const cells = (row: Added): string[] => [row.area, row.code, row.name, row.category].map((cell) => cell.replace(/[,，\t\n]+/g, "、").trim());
  return rows.map(cells).filter(([area, code, name]) => area || code || name).map((row) => row.join(", ")).join("\n");
}

/** The areas whose people were typed, by code with their names; none where a frozen frame is named. */
export function areasIn(typed: Readonly<Record<string, string>>): [code: string, name: string][] {
  const lines = Object.entries(typed).filter(([key]) => key.endsWith(".strata")).flatMap(([, text]) => text.split("\n"));
  const found = lines.map((line) => line.split(CELL).map((cell) => cell.trim())).filter((cells) => cells.length > 1);
  return [...new Map(found.map(([code = "", name = ""]) => [code, name]))];
}
