// The desk starts here: styles, language, theme, then the app.
import "./kit/fonts.css";
import "./kit/tokens.css";
import "./kit/base.css";
import { mount } from "svelte";
import App from "./App.svelte";
import { language } from "./kit/language.svelte";

const target = document.getElementById("app");
if (!target) throw new Error("index.html has no #app");
await language.ready;
mount(App, { target });
