import type { Pairs } from ".";

/** Field work: rehearsals, forecasts, reminders. */
export const field = {
  "board.target": ["目标", "Target"],
  "board.forecast": ["预计", "Forecast"],
  "board.behind": ["落后", "Behind"],
  "board.forecastNote": ["预计＝已收回÷已过天数所占的份额；少于目标的同一份额标为“落后”。没有计划结束日的不预计。", "Forecast: returned so far over the share of the days gone; less than that share of the target is “behind”. None without a planned last day."],
  "rehearsal.head": ["演练：不是正式评议，不进入任何周期的得分和公布。", "A rehearsal: no real appraisal; it enters no round's score and no publication."],
  "rehearsal.button": ["办一次演练", "Rehearse"],
  "rehearsal.title": ["办一次演练", "Rehearse this campaign"],
  "rehearsal.what": ["照这项评议另立一项“演练”，有自己的编号、评议码和台账；各单元的份数按比例缩小。", "A copy is made, marked as a rehearsal, with an id, codes and a ledger of its own; each cell's sheets are scaled down."],
  "rehearsal.once": ["评议码只在这一份密封文件里，请马上存好。", "The codes are in this one sealed file; save it at once."],
  "rehearsal.undo": ["演练不进入任何周期，也不删除。", "A rehearsal enters no round, and is never deleted."],
  "rehearsal.sheets": ["演练的份数", "Sheets of the rehearsal"],
  "rehearsal.made": ["演练 {id} 已建好：{n} 张卡。", "The rehearsal {id} is made: {n} cards."],
  "rehearsal.notReady": ["还没有密封公钥，登记后才能开放。", "It has no sealing key yet and cannot be opened before."],
  "rehearsal.save": ["存交接文件 {name}", "Save the hand-over file {name}"],
  "rehearsal.go": ["去看演练", "See the rehearsal"],
} as const satisfies Pairs;
