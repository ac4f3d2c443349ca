import type { Session } from "../parts/shapes";

export type Role = Session["roles"][number];

const OFFICE: readonly Role[] = ["setup", "release", "auditor"];
const BOARD: readonly Role[] = [...OFFICE, "district", "contractor", "point"];
const HALL: readonly Role[] = [...OFFICE, "hall"];
const CASES: readonly Role[] = [...OFFICE, "desk", "inspector", "unit", "district"];
const UPLOADS: readonly Role[] = ["setup", "contractor", "auditor"];

/** Who opens a page that is not the office's alone; the server decides again about everything that the page asks. */
const PAGES: Record<string, readonly Role[]> = {
  campaigns: BOARD,
  field: BOARD,
  points: ["setup", "point"],
  marks: [...OFFICE, "assessor"],
  duties: [...OFFICE, "unit"],
  departments: ["organiser", "unit"],
  cases: CASES,
  case: CASES,
  uploads: UPLOADS,
  upload: UPLOADS,
  gate: [...OFFICE, "contractor"],
  quotas: [...OFFICE, "contractor"],
  paper: ["setup", "paper"],
  windows: HALL,
  window: HALL,
  staff: HALL,
  fleet: HALL,
  rates: HALL,
  desk: ["desk"],
  hotline: ["setup", "auditor"],
  rosters: ["setup", "release"],
  accounts: ["setup", "auditor"],
  units: [...OFFICE, "desk", "contractor", "district", "hall", "inspector"],
};

/** Open to whoever is signed in. */
const FOR_ALL = new Set(["me", "nothing", "closed", "sign-in"]);

/** Whether somebody with these roles opens a page, by the name of its route; a page not named here is the office's. */
export const mayOpen = (roles: readonly Role[], page: string): boolean =>
  FOR_ALL.has(page) || (PAGES[page] ?? OFFICE).some((role) => roles.includes(role));

/** Where somebody begins: the page that their work is about. */
const FIRST: readonly (readonly [Role, string])[] = [
  ["setup", "campaigns"],
  ["release", "campaigns"],
  ["auditor", "campaigns"],
  ["district", "campaigns"],
  ["contractor", "uploads"],
  ["desk", "desk"],
  ["assessor", "marks"],
  ["organiser", "departments"],
  ["unit", "duties"],
  ["inspector", "cases"],
  ["hall", "windows"],
  ["point", "points"],
  ["paper", "paper"],
];
export const firstPage = (roles: readonly Role[]): string => FIRST.find(([role]) => roles.includes(role))?.[1] ?? "me";
