import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { GENESIS, hashOf, signedText } from "./chain";
import { sha256 } from "./sha256";

describe("SHA-256 in one go", () => {
  it("agrees with another program on every length around the blocks, and on Chinese", () => {
    const texts = ["", "abc", "评价器", ...Array.from({ length: 140 }, (_, length) => "x".repeat(length)), "ab".repeat(5000)];
    for (const text of texts) expect(sha256(text)).toBe(createHash("sha256").update(text).digest("hex"));
  });

  it("writes the lines that the server writes", () => {
    const link = {
      seq: 7,
      id: "0b7d3b5e-0000-4000-8000-000000000001",
      window_id: "hall-01",
      code: "1",
      reasons: ["slow", "rules"],
      device_time: "2026-11-22T10:00:00+08:00",
      case: "",
    };
    // The same vector stands in tests/survey_models/test_chain.py.
    expect(hashOf("d0", GENESIS, link)).toBe("4be66bbbc6a5a69561c75b4ff186b34f517959e7265aabe7d6afa86caedd7d04");
    expect(signedText("d0", 7, GENESIS, 1, "f".repeat(64), "2026-11-22T10:00:00+08:00").split("\n")).toHaveLength(7);
  });
});
