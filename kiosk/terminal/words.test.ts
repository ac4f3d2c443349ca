import { describe, expect, it } from "vitest";
import { fill } from "../parts/i18n";
import { takePairingCode, tidyCode } from "./device";
import { en, zh } from "./words";

describe("the terminal's words", () => {
  it("has every sentence in both languages, with the same places to fill", () => {
    const places = (text: string): string[] => [...text.matchAll(/\{\w+\}/g)].map(([place]) => place).sort();
    for (const key of Object.keys(zh) as (keyof typeof zh)[]) {
      expect(en[key], key).toBeTruthy();
      expect(places(en[key]), key).toEqual(places(zh[key]));
    }
    expect(Object.keys(en).sort()).toEqual(Object.keys(zh).sort());
  });

  it("writes Chinese sentences with Chinese punctuation", () => {
    for (const sentence of Object.values(zh)) expect(sentence).not.toMatch(/[\u4e00-\u9fff][,;?]/);
  });

  it("fills names and leaves unknown ones", () => {
    expect(fill("{n} of {m}", { n: 3 })).toBe("3 of {m}");
  });
});

describe("the pairing link", () => {
  it("is read as typed and taken out of the address at once", () => {
    const seen: string[] = [];
    const past = { replaceState: (_: unknown, __: string, path: string) => seen.push(path) } as unknown as History;
    const place = { hash: "#pair=abcd-2345", pathname: "/terminal/", search: "" } as Location;
    expect(takePairingCode(place, past)).toBe("ABCD2345");
    expect(seen).toEqual(["/terminal/"]);
    expect(tidyCode(" ab cd-23 45 ")).toBe("ABCD2345");
  });
});
