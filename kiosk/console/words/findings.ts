import type { Pairs } from ".";

/** Sentences of findings and the calendar in acts and in the ledger. Chinese, English. */
export const findings = {
  "act.findings:price": ["酌情扣分或加分", "Discretionary points"],
  "act.price.what": ["这件事按所列规则和分值扣分或加分，连同说的理由记入办理记录。", "The finding is charged by this rule with these points; the reason stands in its steps."],
  "act.price.undo": ["评分时即计入；异议成立收回通知书的，不再计。", "It enters the next score run; it counts no more once an objection is upheld."],
  "act.findings:erase_files": ["销毁到期佐证", "Erase evidence past its time"],
  "act.erase_files.what": ["已办结、满保存期限的照片、视频和文件原件全部销毁，校验码保留。", "The bytes of photos, videos and papers whose time is over are erased, of findings that have ended; digests stay."],
  "act.erase_files.undo": ["销毁以后不能恢复；办理人记入台账。", "This cannot be undone; both people stand in the ledger."],
  "param.finding": ["事项", "finding"],
  "param.move": ["环节", "step"],
  "param.note": ["理由", "reason"],
  "param.component": ["指标", "line"],
  "param.rule": ["规则", "rule"],
  "param.period": ["时段", "period"],
  "param.matter": ["同一事项", "matter"],
  "param.points": ["分值", "points"],
  "param.article": ["依据", "article"],
} as const satisfies Pairs;
