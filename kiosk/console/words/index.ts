import { translator } from "../../parts/i18n";
import { accounts } from "./accounts";
import { audit } from "./audit";
import { campaign } from "./campaign";
import { columns } from "./columns";
import { estimation } from "./estimation";
import { evidence } from "./evidence";
import { field } from "./field";
import { files } from "./files";
import { findings } from "./findings";
import { flags } from "./flags";
import { gate } from "./gate";
import { handling } from "./handling";
import { inspections } from "./inspections";
import { lists } from "./lists";
import { names } from "./names";
import { offices } from "./offices";
import { pages } from "./pages";
import { passes } from "./passes";
import { paper } from "./paper";
import { rosters } from "./rosters";
import { rounds } from "./rounds";
import { schemes } from "./schemes";
import { setup } from "./setup";
import { tickets } from "./tickets";
import { voids } from "./voids";
import { windows } from "./windows";

/** Every sentence once, both languages side by side, so that none can be forgotten. */
export type Pairs = Record<string, readonly [zh: string, en: string]>;

export const book = { ...accounts, ...audit, ...pages, ...passes, ...campaign, ...columns, ...estimation, ...evidence, ...field, ...files, ...findings, ...flags, ...gate, ...handling, ...inspections, ...lists, ...names, ...offices, ...paper, ...rosters, ...rounds, ...schemes, ...setup, ...tickets, ...voids, ...windows };
export type Word = keyof typeof book;

const column = (at: 0 | 1): Record<Word, string> =>
  Object.fromEntries(Object.entries(book).map(([key, pair]) => [key, pair[at]])) as Record<Word, string>;

export const t = translator<Word>(column(0), column(1));
