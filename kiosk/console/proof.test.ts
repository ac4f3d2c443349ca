import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { holds, rootFrom, type Proof } from "./proof";

const sha = (...parts: Uint8Array[]): Uint8Array => new Uint8Array(createHash("sha256").update(Buffer.concat(parts)).digest());
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");
const leaf = (entry: string): Uint8Array => sha(Uint8Array.of(0), Buffer.from(entry));
const node = (left: Uint8Array, right: Uint8Array): Uint8Array => sha(Uint8Array.of(1), left, right);

// Three entries: the third stands alone on its first level.
const entries = ['{"event":"a"}', '{"event":"b"}', '{"event":"c"}'];
const [a, b, c] = entries.map(leaf) as [Uint8Array, Uint8Array, Uint8Array];
const root = node(node(a, b), c);
const note = `pingyi.test/ledger/system\n3\n${Buffer.from(root).toString("base64")}\n\n— name x\n`;
const paths = [[hex(b), hex(c)], [hex(a), hex(c)], [hex(node(a, b))]];
const proofOf = (at: number): Proof => ({
  entry: entries[at] ?? "", digest: hex(sha(Buffer.from(entries[at] ?? ""))), seq: at, size: 3, proof: paths[at] ?? [], checkpoint: note,
});

describe("a proof of inclusion", () => {
  it("holds for every place, and leads to the root", async () => {
    expect(await Promise.all([0, 1, 2].map((at) => holds(proofOf(at))))).toEqual(["yes", "yes", "yes"]);
    expect(await rootFrom(c, 2, 3, paths[2] ?? [])).toBe(hex(root));
  });

  it("does not hold where entry, place, path or head are others", async () => {
    const good = proofOf(1);
    const altered: Proof[] = [
      { ...good, entry: '{"event":"x"}' },
      { ...good, seq: 0 },
      { ...good, proof: [...good.proof].reverse() },
      { ...good, proof: good.proof.slice(1) },
      { ...good, size: 4 },
      { ...good, checkpoint: note.replace("3\n", "2\n") },
      { ...proofOf(0), digest: good.digest },
    ];
    expect(await Promise.all(altered.map(holds))).toEqual(altered.map(() => "no"));
  });

  it("waits for a place in the tree", async () => {
    expect(await holds({ ...proofOf(0), seq: null, size: null, checkpoint: null, proof: [] })).toBe("waiting");
  });
});
