import { createApp } from "vue";
import "../parts/tokens.css";
import { followLang, lang } from "../parts/i18n";
import { registerWorker } from "../parts/trusted";
import App from "./App.vue";
import { listenForVoices } from "./voice";
import "./faces.css";
import "./terminal.css";
import "./screens.css";
import "./sizes.css";

// A hall's terminal always starts in Chinese: a language kept from the last visitor would greet the next.
lang.value = "zh";
followLang(document.documentElement);
listenForVoices();
createApp(App).mount("#app");
void registerWorker("./sw.js");
