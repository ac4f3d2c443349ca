/** Which face stands for which option of a scale that goes from good to bad, by the number of its options. */
const BY_NUMBER: Record<number, readonly string[]> = {
  2: ["5", "1"],
  3: ["5", "3", "1"],
  4: ["5", "4", "2", "1"],
  5: ["5", "4", "3", "2", "1"],
};

/** `5` (best) … `1` (worst) for the option at a place; no face fits a scale of another length: the neutral one. */
export function faceOf(at: number, options: number): string {
  return BY_NUMBER[options]?.[at] ?? "3";
}
