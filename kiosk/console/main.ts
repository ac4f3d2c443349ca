import { createApp } from "vue";
import "../parts/tokens.css";
import { followLang } from "../parts/i18n";
import App from "./App.vue";
import { router } from "./router";
import "./styles/base.css";
import "./styles/notices.css";
import "./styles/shell.css";
import "./styles/tables.css";
import "./styles/results.css";
import "./styles/forms.css";
import "./styles/passes.css";
import "./styles/choices.css";
import "./styles/rounds.css";
import "./styles/schemes.css";
import "./styles/paper.css";

followLang(document.documentElement);
createApp(App).use(router).mount("#app");
