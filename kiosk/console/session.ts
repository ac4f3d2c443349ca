import { computed, ref, shallowRef } from "vue";
import { answer, makeClient } from "../parts/client";
import { asProblem } from "../parts/problem";
import type { Session } from "../parts/shapes";
import { firstPage, mayOpen, type Role } from "./access";

type Call<T> = Promise<{ data?: T; error?: unknown; response: Response }>;

/** Who is signed in; null when nobody is. `known` is false until the server has been asked once. */
export const who = shallowRef<Session | null>(null);
export const known = ref(false);

const changes = (method: string): boolean => !["GET", "HEAD", "OPTIONS"].includes(method);

/** The console's client: every request that changes something carries the CSRF token of the session. */
export const api = makeClient((method): Record<string, string> =>
  who.value && changes(method) ? { "X-CSRF-Token": who.value.csrf } : {},
);

/** Wait for a call; a session that has ended meanwhile takes the person back to signing in. */
export async function ask<T>(call: Call<T>): Promise<NonNullable<T>> {
  try {
    return await answer(call);
  } catch (thrown) {
    const problem = asProblem(thrown);
    if (problem.code === "not_signed_in") who.value = null;
    throw problem;
  }
}

/** Ask the server who we are; a server that cannot be reached throws, nobody signed in does not. */
export async function recognise(): Promise<void> {
  try {
    who.value = await answer(api.GET("/api/session"));
  } catch (thrown) {
    const problem = asProblem(thrown);
    if (problem.code !== "not_signed_in") throw problem;
    who.value = null;
  }
  known.value = true;
}

/** The first step; gives a ticket where a one-time code is asked for, and null where the person is in. */
export async function signIn(name: string, password: string): Promise<string | null> {
  const first = await answer<Session | { ticket: string }>(api.POST("/api/session", { body: { name, password } }));
  if ("ticket" in first) return first.ticket;
  who.value = first;
  known.value = true;
  return null;
}

/** The second step, with a code of the app or a recovery code. */
export async function signInWithCode(ticket: string, code: string): Promise<void> {
  who.value = await answer(api.POST("/api/session/code", { body: { ticket, code } }));
  known.value = true;
}

/** Whether the role needs an authenticator app before anything else: the grace is over. */
export const mustSetUp = computed(() => {
  const due = who.value?.totp_due;
  return !!due && new Date(due).getTime() <= Date.now();
});

/** Whether the password is one that somebody else gave: an own one is chosen before anything else. */
export const mustChoose = computed(() => who.value?.choose_password === true);

export async function signOut(): Promise<void> {
  await answer(api.DELETE("/api/session")).catch((thrown: unknown) => {
    const problem = asProblem(thrown);
    if (problem.code !== "not_signed_in") throw problem;
  });
  who.value = null;
}

const holds = (...roles: Role[]) => computed(() => roles.some((role) => who.value?.roles.includes(role)));

/** Whether the signed-in person opens a page, by the name of its route. */
export const opens = (page: string): boolean => mayOpen(who.value?.roles ?? [], page);
/** Where the signed-in person begins. */
export const home = (): string => firstPage(who.value?.roles ?? []);

/** What the signed-in person's roles open; the server decides again on every request. */
export const isSetup = holds("setup");
export const isOffice = holds("setup", "release", "auditor");
export const isDesk = holds("desk");
export const isAuditor = holds("auditor");
export const isAssessor = holds("assessor");
export const isUnit = holds("unit");
export const isPaper = holds("paper");
export const mayRelease = holds("release");
export const mayConfirm = holds("setup", "release");
export const mayReadReports = holds("setup", "auditor");
export const mayUpload = holds("setup", "contractor");
export const mayBoard = holds("setup", "release", "auditor", "district", "contractor", "point");
export const mayQuotas = holds("setup", "release", "auditor", "contractor");
export const isContractor = holds("contractor");
export const mayHall = holds("setup", "hall");
export const mayPoint = holds("setup", "point");
export const isOrganiser = holds("organiser");
