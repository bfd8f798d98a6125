// The chat page: notice and AI disclosure first, then the conversation, over the gateway's own addresses.
// What was said stays in this page's memory; the tab's storage keeps the session's token only.

import { Gateway, Problem, answerPieces } from "./gateway.js";
import { TEXTS } from "./texts.js";

const byId = (id) => document.getElementById(id);
const gateway = new Gateway(new URL(".", location.href));
const state = {
  language: (navigator.languages ?? [navigator.language]).map((tag) => tag.slice(0, 2)).find((tag) => tag in TEXTS) ?? "en",
  consent: null, // what GET ./consent answered
  history: [], // the messages as the bot's protocol wants them, resent each time
  waiting: null, // the AbortController of the answer being written
};

const text = (key, values = {}) =>
  Object.entries(values).reduce((line, [name, value]) => line.replace(`{${name}}`, value), TEXTS[state.language][key]);

function element(name, { key, ...properties } = {}, ...children) {
  const made = Object.assign(document.createElement(name), properties);
  if (key) {
    made.dataset.text = key;
    made.textContent = text(key);
  }
  made.append(...children);
  return made;
}

// --- what is shown

function render() {
  document.documentElement.lang = state.language;
  document.title = text("title");
  for (const labelled of document.querySelectorAll("[data-text]")) labelled.textContent = text(labelled.dataset.text);
  for (const labelled of document.querySelectorAll("[data-label]")) labelled.setAttribute("aria-label", text(labelled.dataset.label));
  for (const button of byId("languages").children) {
    button.setAttribute("aria-pressed", String(button.dataset.language === state.language));
  }
  if (state.consent) renderConsent(state.consent);
  renderStored();
  renderComposer();
}

function renderConsent({ notice, ai_disclosure: disclosure, disclosure_required: required, consents }) {
  byId("notice").hidden = false;
  byId("notice-text").lang = notice.language;
  byId("notice-text").replaceChildren(
    ...(notice.text ?? "").split(/\n\s*\n/).map((paragraph) => element("p", { textContent: paragraph.trim() })),
  );
  byId("notice-origin").textContent = text("origin", {
    controller: notice.controller.name,
    id: notice.id,
    version: notice.version,
  });
  byId("disclosure").hidden = !disclosure;
  byId("disclosure").lang = notice.language;
  byId("disclosure").textContent = disclosure ?? "";
  byId("start").hidden = !required;
  byId("consents").replaceChildren(...consents.map((consent) => consentQuestion(consent, notice.language)));
}

function consentQuestion({ id, ask, state: answered, required }, language) {
  const answer = (given) => element("button", { type: "button", key: given, onclick: () => sendConsent(id, given) });
  const choices = answered === "given" ? ["withdrawn"] : answered === "requested" ? ["given", "refused"] : ["given"];
  const question = element(
    "fieldset",
    { id: `consent-${id}`, tabIndex: -1 },
    element("legend", { textContent: ask, lang: language }),
  );
  if (required && answered !== "given") question.append(element("p", { key: "needed" }));
  const so = answered === "requested" ? [] : [element("p", { key: `is-${answered}` })];
  question.append(element("div", { className: "row" }, ...so, ...choices.map(answer)));
  return question;
}

function renderStored() {
  const expires = state.consent?.expires_at;
  const day = expires && new Date(expires).toLocaleDateString(state.language, { dateStyle: "long" });
  byId("stored").textContent = [text("stored"), day && text("expires", { day })].filter(Boolean).join(" ");
}

function renderComposer() {
  const open =
    state.consent &&
    !state.consent.disclosure_required &&
    state.consent.consents.every(({ required, state: answered }) => !required || answered === "given");
  byId("message").disabled = !open;
  byId("message").readOnly = Boolean(state.waiting);
  byId("send").disabled = !open || Boolean(state.waiting);
  byId("send").hidden = Boolean(state.waiting);
  byId("stop").hidden = !state.waiting;
  byId("again").disabled = Boolean(state.waiting) || !state.history.length;
  byId("log").setAttribute("aria-busy", String(Boolean(state.waiting)));
}

function say(key) {
  const status = byId("status");
  if (key) status.dataset.text = key;
  else delete status.dataset.text;
  status.textContent = key ? text(key) : "";
}

function showProblem(problem) {
  const errors = TEXTS[state.language].errors;
  const known = problem instanceof Problem ? problem : new Problem(problem instanceof TypeError ? "network" : "other");
  const told = element("p", { textContent: errors[known.status] ?? errors.other });
  const title = known.title ? [element("p", { className: "title", textContent: known.title })] : [];
  byId("error").replaceChildren(told, ...title);
  byId("error").hidden = false;
  say(null);
}

function clearProblem() {
  byId("error").hidden = true;
  byId("error").replaceChildren();
}

function addTurn(speaker, said) {
  const words = element("p", { className: "said", textContent: said });
  const turn = element(
    "div",
    { className: speaker === "you" ? "own" : "bot" },
    element("p", { className: "who", key: speaker }),
    words,
  );
  byId("log").append(turn);
  toEnd();
  return { turn, words };
}

function toEnd() {
  byId("log").scrollTop = byId("log").scrollHeight;
}

function addRatings(turn) {
  const group = element("div", { className: "ratings" });
  group.setAttribute("role", "group");
  group.dataset.label = "rate";
  group.setAttribute("aria-label", text("rate"));
  const rate = async (button) => {
    if (group.dataset.rated) return;
    group.dataset.rated = button.dataset.rating;
    try {
      await gateway.send("ratings", { rating: button.dataset.rating }, state.language);
      button.setAttribute("aria-pressed", "true");
      for (const each of group.querySelectorAll("button")) each.setAttribute("aria-disabled", "true");
      clearProblem();
      say("rated");
    } catch (problem) {
      delete group.dataset.rated;
      showProblem(problem);
    }
  };
  for (const [rating, sign] of [["up", "▲"], ["down", "▼"]]) {
    const mark = element("span", { textContent: `${sign} ` });
    mark.setAttribute("aria-hidden", "true");
    const button = element("button", { type: "button" }, mark, element("span", { key: rating }));
    button.dataset.rating = rating;
    button.setAttribute("aria-pressed", "false");
    button.addEventListener("click", () => rate(button));
    group.append(button);
  }
  turn.append(group);
}

// --- what is done

async function loadConsent() {
  try {
    state.consent = await gateway.consent(state.language);
    clearProblem();
  } catch (problem) {
    showProblem(problem);
    byId("error").append(element("button", { type: "button", key: "retry", onclick: loadConsent }));
  }
  render();
}

async function sendConsent(consent, answer) {
  await postConsent({ consent, answer, language: state.language });
  byId(`consent-${consent}`)?.focus();
}

async function postConsent(body) {
  try {
    state.consent = await (await gateway.send("consent", body, state.language)).json();
    clearProblem();
  } catch (problem) {
    showProblem(problem);
  }
  render();
}

async function ask(said) {
  const own = addTurn("you", said);
  const reply = addTurn("bot", "");
  reply.turn.classList.add("writing");
  byId("notice").open = false;
  byId("message").value = "";
  clearProblem();
  say("writing");
  state.waiting = new AbortController();
  render();
  byId("stop").focus();
  const messages = [...state.history, { role: "user", content: said }];
  let failure = null;
  try {
    const body = { model: "chat", messages, stream: true };
    const response = await gateway.send("v1/chat/completions", body, state.language, state.waiting.signal);
    for await (const piece of answerPieces(response)) {
      reply.words.textContent += piece;
      toEnd();
    }
  } catch (problem) {
    failure = problem;
  }
  const stopped = state.waiting.signal.aborted;
  state.waiting = null;
  reply.turn.classList.remove("writing");
  await settle({ said, messages, own, reply, failure, stopped });
}

async function settle({ said, messages, own, reply, failure, stopped }) {
  const answered = reply.words.textContent;
  say(stopped ? "stopped" : null);
  if (failure && answered) reply.turn.append(element("p", { className: "small", key: "unfinished" }));
  if (!failure || (stopped && answered)) {
    state.history = [...messages, { role: "assistant", content: answered }];
    if (!failure) addRatings(reply.turn);
  } else {
    if (!answered) [own, reply].forEach(({ turn }) => turn.remove());
    byId("message").value = said;
  }
  if (failure && !stopped) showProblem(failure);
  if (failure?.status === 428) await loadAgainFor428(failure);
  else if (!failure && !state.consent.session) await loadConsent();
  render();
  byId("message").focus();
  toEnd();
}

async function loadAgainFor428(failure) {
  await loadConsent();
  byId("notice").open = true;
  showProblem(failure);
}

function startAgain() {
  gateway.forget();
  state.history = [];
  byId("log").replaceChildren();
  byId("notice").open = true;
  say(null);
  loadConsent().then(() => byId(byId("start").hidden ? "message" : "start").focus());
}

// --- what is listened to

byId("composer").addEventListener("submit", (event) => {
  event.preventDefault();
  const said = byId("message").value.trim();
  if (said && !state.waiting && !byId("send").disabled) ask(said);
});
byId("message").addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  byId("composer").requestSubmit();
});
byId("stop").addEventListener("click", () => state.waiting?.abort());
byId("again").addEventListener("click", startAgain);
byId("start").addEventListener("click", async () => {
  await postConsent({ disclosed: true });
  byId("message").focus();
});
byId("languages").addEventListener("click", ({ target }) => {
  if (!target.dataset.language) return;
  state.language = target.dataset.language;
  loadConsent();
});

render();
loadConsent();
