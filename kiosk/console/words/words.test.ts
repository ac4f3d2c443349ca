import { describe, expect, it } from "vitest";
import { audit } from "./audit";
import { campaign } from "./campaign";
import { columns } from "./columns";
import { estimation } from "./estimation";
import { evidence } from "./evidence";
import { findings } from "./findings";
import { flags } from "./flags";
import { inspections } from "./inspections";
import { names } from "./names";
import { offices } from "./offices";
import { pages } from "./pages";
import { passes } from "./passes";
import { rosters } from "./rosters";
import { rounds } from "./rounds";
import { schemes } from "./schemes";
import { setup } from "./setup";
import { tickets } from "./tickets";
import { voids } from "./voids";
import { windows } from "./windows";
import { book } from ".";

const pairs = Object.entries(book);
const holes = (text: string): string[] => [...new Set(text.match(/\{\w+\}/g))].sort();

describe("the words of the console", () => {
  it("say everything once", () => {
    const keys = [audit, pages, campaign, columns, estimation, evidence, findings, flags, inspections, names, offices, passes, rosters, rounds, schemes, setup, tickets, voids, windows].flatMap((part) => Object.keys(part));
    expect(keys.filter((key, at) => keys.indexOf(key) !== at)).toEqual([]);
  });

  it("fill the same holes in both languages", () => {
    // Chinese counts with measure words that English leaves out.
    const differing = pairs.filter(([, [zh, en]]) => en && holes(zh).join() !== holes(en).join());
    expect(differing.map(([key]) => key)).toEqual([]);
  });

  it("punctuate Chinese in full width", () => {
    const half = pairs.filter(([, [zh]]) => /[\u4e00-\u9fff][,;:!?()]|[,;!?()][\u4e00-\u9fff]/.test(zh));
    expect(half.map(([key]) => key)).toEqual([]);
  });

  it("never shout", () => {
    expect(pairs.filter(([, both]) => both.some((text) => /[!！]/.test(text))).map(([key]) => key)).toEqual([]);
  });
});
