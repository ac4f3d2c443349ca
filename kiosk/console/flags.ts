import { t } from "./words";

export interface Numbers {
  evidence: Record<string, unknown>;
}

/** Minutes after midnight as a clock shows them: 700 → 11:40. */
export const clockOf = (minute: number): string =>
  `${String(Math.floor(minute / 60)).padStart(2, "0")}:${String(Math.floor(minute % 60)).padStart(2, "0")}`;

/** The numbers of a flag in words, in the order in which they were written down. */
export const factsOf = ({ evidence }: Numbers): string[] =>
  Object.entries(evidence).map(([name, value]) =>
    t("flags.fact", { name: t.word("evidence", name), value: name === "from_minute" ? clockOf(Number(value)) : String(value) }),
  );
