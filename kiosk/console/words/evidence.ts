import type { Pairs } from ".";

/** Words about sealed evidence and its erasing (证据保存与销毁). Chinese, English. */
export const evidence = {
  "nav.evidence": ["证据保存", "Evidence"],
  "evid.title": ["证据保存", "Sealed evidence"],
  "evid.lead": ["密封的评议票和收到的文件，计票后至少保存两年；期满由两人办理销毁。", "Sealed sheets and files are kept for at least two years after counting; then two people may erase them."],
  "evid.stays": ["销毁的只是密封票和文件原件；票箱、得分、台账和它们的校验码都保留。", "Only sealed sheets and the bytes of files are erased; box, scores, ledger and all digests stay."],
  "evid.sheets": ["密封票", "Sealed sheets"],
  "evid.files": ["文件", "Files"],
  "evid.until": ["保存期限", "Kept until"],
  "evid.notYet": ["尚未计票", "Not counted yet"],
  "evid.kept": ["保存到 {until}", "until {until}"],
  "evid.over": ["{until} 已期满", "time was over at {until}"],
  "evid.erased": ["{at} 已销毁", "erased {at}"],
  "evid.purge": ["销毁（两人）", "Erase (two people)"],
  "evid.purgeOf": ["提出销毁封存证据：{title}", "Ask to erase the sealed evidence of {title}"],
  "evid.erases": ["销毁密封票 {sheets} 份、文件 {files} 个。", "{sheets} sealed sheets and {files} files are erased."],
  "act.evidence:purge": ["销毁封存证据", "Erase sealed evidence"],
  "act.purge.what": ["密封的评议票和收到的文件原件全部销毁，校验码、票箱和得分保留。", "All sealed sheets and the bytes of files are erased; digests, box and scores stay."],
  "act.purge.undo": ["销毁以后不能恢复，也不能再重新开封核对；办理人记入台账。", "This cannot be undone, and nobody can open the sheets again to check; both people stand in the ledger."],
} as const satisfies Pairs;
