import { nextTick } from "vue";
import { createRouter, createWebHistory, type RouteRecordRaw } from "vue-router";
import AccountsPage from "./pages/AccountsPage.vue";
import ActsPage from "./pages/ActsPage.vue";
import BoardPage from "./pages/BoardPage.vue";
import CampaignsPage from "./pages/CampaignsPage.vue";
import CardsPage from "./pages/CardsPage.vue";
import DesignPage from "./pages/DesignPage.vue";
import DrawPage from "./pages/DrawPage.vue";
import DrawsPage from "./pages/DrawsPage.vue";
import LedgerPage from "./pages/LedgerPage.vue";
import NothingPage from "./pages/NothingPage.vue";
import ResultsPage from "./pages/ResultsPage.vue";
import SignInPage from "./pages/SignInPage.vue";
import TalliesPage from "./pages/TalliesPage.vue";
import UnitsPage from "./pages/UnitsPage.vue";
import UploadPage from "./pages/UploadPage.vue";
import UploadsPage from "./pages/UploadsPage.vue";
import WindowPage from "./pages/WindowPage.vue";
import WindowsPage from "./pages/WindowsPage.vue";
import { choose } from "./campaigns";
import { isOffice, known, recognise, who } from "./session";

const id = { props: true };

const routes: RouteRecordRaw[] = [
  { path: "/", name: "campaigns", component: CampaignsPage },
  { path: "/sign-in", name: "sign-in", component: SignInPage },
  { path: "/campaigns", redirect: "/" },
  { path: "/campaigns/:id", name: "field", component: BoardPage, ...id },
  { path: "/campaigns/:id/design", name: "prepare", component: DesignPage, ...id },
  { path: "/campaigns/:id/draws", name: "draw", component: DrawsPage, ...id },
  { path: "/campaigns/:id/cards", name: "cards", component: CardsPage, ...id },
  { path: "/campaigns/:id/tallies", name: "count", component: TalliesPage, ...id },
  { path: "/campaigns/:id/results", name: "score", component: ResultsPage, ...id },
  { path: "/acts", name: "acts", component: ActsPage },
  { path: "/uploads", name: "uploads", component: UploadsPage },
  { path: "/uploads/:id", name: "upload", component: UploadPage, ...id },
  { path: "/draws/:id", name: "one-draw", component: DrawPage, ...id },
  { path: "/units", name: "units", component: UnitsPage },
  { path: "/windows", name: "windows", component: WindowsPage },
  { path: "/windows/:id", name: "window", component: WindowPage, ...id },
  { path: "/ledger", name: "ledger", component: LedgerPage },
  { path: "/accounts", name: "accounts", component: AccountsPage },
  { path: "/:rest(.*)*", name: "nothing", component: NothingPage },
];

export const router = createRouter({
  history: createWebHistory("/console/"),
  routes,
  scrollBehavior: (to, from, kept) => kept ?? (to.path === from.path ? false : { top: 0 }),
});

router.beforeEach(async (to) => {
  // A server that cannot be reached is said on the sign-in page, where the person tries again.
  if (!known.value) await recognise().catch(() => undefined);
  if (to.name === "sign-in") return who.value ? { name: "campaigns" } : true;
  if (!who.value) return { name: "sign-in", query: to.fullPath === "/" ? {} : { to: to.fullPath } };
  // Contractors send files and see nothing else.
  if (to.name === "campaigns" && !isOffice.value) return { name: "uploads" };
  return true;
});

router.afterEach((to, from, failure) => {
  if (failure || to.path === from.path) return;
  if (to.path.startsWith("/campaigns/") && typeof to.params.id === "string") choose(to.params.id);
  // A screen reader goes on at the heading of the new page; on the very first one the browser does this itself.
  if (from.matched.length) void nextTick(() => document.querySelector<HTMLElement>("h1")?.focus({ preventScroll: true }));
});
