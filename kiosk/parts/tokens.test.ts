import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

const sheet = readFileSync(new URL("./tokens.css", import.meta.url), "utf-8");

/** The variables of the rule that begins with a selector. */
function palette(selector: string): Record<string, string> {
  const at = sheet.indexOf(`${selector} {`);
  const rule = sheet.slice(at, sheet.indexOf("}", at));
  return Object.fromEntries([...rule.matchAll(/(--[\w-]+): ([^;]+);/g)].map((found) => [found[1], found[2]]));
}

describe("the dark palette", () => {
  // It stands twice, for what the machine prefers and for what the person chose: old browsers know no light-dark().
  it("is the same, whoever asked for the dark", () => {
    const preferred = palette(':root:not([data-theme="light"])');
    expect(Object.keys(preferred).length).toBeGreaterThan(10);
    expect(palette(':root[data-theme="dark"]')).toEqual(preferred);
  });

  it("changes every colour of the light one but the ring of the focus", () => {
    const colours = Object.entries(palette(":root")).filter(([, value]) => value.startsWith("#")).map(([name]) => name);
    const dark = palette(':root[data-theme="dark"]');
    expect(colours.filter((name) => !(name in dark))).toEqual(["--focus"]);
  });
});
