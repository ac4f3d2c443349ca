import type { Pairs } from ".";

/** What every list has: looking for something, how many there are, its file. */
export const lists = {
  "windows.export": ["导出窗口评价（xlsx）", "Export the windows (xlsx)"],
  "list.search": ["查找", "Look for"],
  "list.found": ["{n} 条，共 {all} 条", "{n} of {all}"],
  "list.none": ["没有符合的，换一个词试试。", "Nothing here has these words; try others."],
  "list.save": ["导出（csv）", "Export (csv)"],
} as const satisfies Pairs;
