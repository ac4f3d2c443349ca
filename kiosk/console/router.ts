import { nextTick } from "vue";
import { createRouter, createWebHistory, type RouteRecordRaw } from "vue-router";
import CampaignsPage from "./pages/CampaignsPage.vue";
import SignInPage from "./pages/SignInPage.vue";
import { choose } from "./campaigns";
import { home, known, mustChoose, mustSetUp, opens, recognise, who } from "./session";

const id = { props: true };

const routes: RouteRecordRaw[] = [
  { path: "/", name: "campaigns", component: CampaignsPage },
  { path: "/sign-in", name: "sign-in", component: SignInPage },
  { path: "/campaigns", redirect: "/" },
  { path: "/campaigns/:id", name: "field", component: () => import("./pages/BoardPage.vue"), ...id },
  { path: "/campaigns/:id/design", name: "prepare", component: () => import("./pages/DesignPage.vue"), ...id },
  { path: "/campaigns/:id/estimation", name: "estimation", component: () => import("./pages/EstimationPage.vue"), ...id },
  { path: "/campaigns/:id/draws", name: "draw", component: () => import("./pages/DrawsPage.vue"), ...id },
  { path: "/campaigns/:id/cards", name: "cards", component: () => import("./pages/CardsPage.vue"), ...id },
  { path: "/campaigns/:id/paper", name: "paper-standing", component: () => import("./pages/PaperStandingPage.vue"), ...id },
  { path: "/campaigns/:id/tallies", name: "count", component: () => import("./pages/TalliesPage.vue"), ...id },
  { path: "/campaigns/:id/results", name: "score", component: () => import("./pages/ResultsPage.vue"), ...id },
  { path: "/rounds", name: "rounds", component: () => import("./pages/RoundsPage.vue") },
  { path: "/rounds/new", name: "plan", component: () => import("./pages/PlanPage.vue") },
  { path: "/rounds/:id", name: "round", component: () => import("./pages/RoundPage.vue"), ...id },
  { path: "/rounds/:id/ranking", name: "ranking", component: () => import("./pages/RankingPage.vue"), ...id },
  { path: "/rounds/:id/scheme", name: "round-scheme", component: () => import("./pages/SchemePage.vue"), ...id },
  { path: "/rounds/:id/compare", name: "compare", component: () => import("./pages/ComparePage.vue"), ...id },
  { path: "/rounds/:id/inspections", name: "inspections", component: () => import("./pages/InspectionsPage.vue"), ...id },
  { path: "/rounds/:id/rosters", name: "rosters", component: () => import("./pages/RostersPage.vue"), ...id },
  { path: "/rounds/:id/units/:unit", name: "scorecard", component: () => import("./pages/ScorecardPage.vue"), ...id },
  { path: "/setups", name: "setups", component: () => import("./pages/SetupsPage.vue") },
  { path: "/setups/:id", name: "setup", component: () => import("./pages/SetupPage.vue"), ...id },
  { path: "/schemes", name: "schemes", component: () => import("./pages/SchemesPage.vue") },
  { path: "/schemes/:id", name: "scheme", component: () => import("./pages/StoredSchemePage.vue"), ...id },
  { path: "/marks", name: "marks", component: () => import("./pages/MarksPage.vue") },
  { path: "/duties", name: "duties", component: () => import("./pages/DutiesPage.vue") },
  { path: "/cases", name: "cases", component: () => import("./pages/CasesPage.vue") },
  { path: "/cases/:id", name: "case", component: () => import("./pages/CasePage.vue"), ...id },
  { path: "/acts", name: "acts", component: () => import("./pages/ActsPage.vue") },
  { path: "/frames", name: "frames", component: () => import("./pages/FramesPage.vue") },
  { path: "/uploads", name: "uploads", component: () => import("./pages/UploadsPage.vue") },
  { path: "/uploads/:id", name: "upload", component: () => import("./pages/UploadPage.vue"), ...id },
  { path: "/gate", name: "gate", component: () => import("./pages/GatePage.vue") },
  { path: "/quotas", name: "quotas", component: () => import("./pages/QuotasPage.vue") },
  { path: "/paper", name: "paper", component: () => import("./pages/PaperPage.vue") },
  { path: "/draws/:id", name: "one-draw", component: () => import("./pages/DrawPage.vue"), ...id },
  { path: "/units", name: "units", component: () => import("./pages/UnitsPage.vue") },
  { path: "/windows", name: "windows", component: () => import("./pages/WindowsPage.vue") },
  { path: "/windows/:id", name: "window", component: () => import("./pages/WindowPage.vue"), ...id },
  { path: "/staff", name: "staff", component: () => import("./pages/StaffPage.vue") },
  { path: "/fleet", name: "fleet", component: () => import("./pages/FleetPage.vue") },
  { path: "/rates", name: "rates", component: () => import("./pages/RatesPage.vue") },
  { path: "/desk", name: "desk", component: () => import("./pages/DeskPage.vue") },
  { path: "/flags", name: "flags", component: () => import("./pages/FlagsPage.vue") },
  { path: "/evidence", name: "evidence", component: () => import("./pages/EvidencePage.vue") },
  { path: "/hotline", name: "hotline", component: () => import("./pages/HotlinePage.vue") },
  { path: "/ledger", name: "ledger", component: () => import("./pages/LedgerPage.vue") },
  { path: "/ledger/separation", name: "separation", component: () => import("./pages/SeparationPage.vue") },
  { path: "/me", name: "me", component: () => import("./pages/MyAccountPage.vue") },
  { path: "/accounts", name: "accounts", component: () => import("./pages/AccountsPage.vue") },
  { path: "/closed", name: "closed", component: () => import("./pages/ClosedPage.vue") },
  { path: "/departments", name: "departments", component: () => import("./pages/DepartmentsPage.vue") },
  { path: "/points", name: "points", component: () => import("./pages/PointsPage.vue") },
  { path: "/:rest(.*)*", name: "nothing", component: () => import("./pages/NothingPage.vue") },
];

export const router = createRouter({
  history: createWebHistory("/console/"),
  routes,
  scrollBehavior(to, from, kept) {
    if (kept) return kept;
    const place = document.getElementById(to.hash.slice(1));
    if (place) return { el: place, top: 64 };
    return to.path === from.path ? false : { top: 0 };
  },
});

router.beforeEach(async (to) => {
  // A server that cannot be reached is said on the sign-in page, where the person tries again.
  if (!known.value) await recognise().catch(() => undefined);
  if (to.name === "sign-in") return who.value ? { name: "campaigns" } : true;
  if (!who.value) return { name: "sign-in", query: to.fullPath === "/" ? {} : { to: to.fullPath } };
  if (to.name === "me") return true;
  if (mustChoose.value || mustSetUp.value) return { name: "me" };
  if (opens(String(to.name))) return true;
  // The beginning of the console is for everybody: it leads on to where this person's work is.
  return to.name === "campaigns" ? { name: home() } : { name: "closed", query: { page: to.path } };
});

// A page that is not there any more: the server was brought up to date while this tab stood open.
// The first page of a visit is not tried again: that would go round for ever.
router.onError((thrown: unknown, to, from) => {
  if (thrown instanceof TypeError && from.matched.length) location.assign(router.resolve(to).href);
});

router.afterEach((to, from, failure) => {
  if (failure || to.path === from.path) return;
  if (to.path.startsWith("/campaigns/") && typeof to.params.id === "string") choose(to.params.id);
  // A screen reader goes on at the heading of the new page; on the very first one the browser does this itself.
  if (from.matched.length) void nextTick(() => document.querySelector<HTMLElement>("h1")?.focus({ preventScroll: true }));
});
