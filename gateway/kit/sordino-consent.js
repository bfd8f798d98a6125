// <sordino-consent channel="https://chat.example/chatbot/" for="chat" lang="de">
//
// Shows a channel's privacy notice, its AI disclosure and its questions for consent before a chat, and keeps the answers
// changeable. No dependency. The element named by `for` is inert until what the notice wants first has been done.
//
//   element.open              whether the chat may begin
//   await element.headers()   the headers that make a request part of this session (opens it on first use)
//   element.forget()          begins a new session
//   event "sordino-change"    after each change; detail: {open, consents, session}

const SESSION = "X-Sordino-Session";
const TEXTS = {
  de: {
    notice: "Datenschutzhinweise", by: "{controller}; Hinweise {id}, Fassung {version}", read: "Verstanden",
    given: "Ja, ich willige ein", refused: "Nein", withdrawn: "Einwilligung widerrufen",
    "is-given": "Sie haben eingewilligt.", "is-refused": "Sie haben abgelehnt.",
    "is-withdrawn": "Sie haben widerrufen; was darauf beruhte, ist gelöscht.",
    needed: "Ohne diese Einwilligung ist der Chat nicht nutzbar.",
    error: "Die Datenschutzhinweise sind gerade nicht erreichbar.", unsaved: "Ihre Antwort wurde nicht gespeichert.",
    again: "Noch einmal versuchen",
  },
  en: {
    notice: "Privacy notice", by: "{controller}; notice {id}, version {version}", read: "Understood",
    given: "Yes, I consent", refused: "No", withdrawn: "Withdraw consent",
    "is-given": "You have consented.", "is-refused": "You have refused.",
    "is-withdrawn": "You have withdrawn; what rested on it is erased.",
    needed: "The chat can't be used without this consent.",
    error: "The privacy notice can't be reached now.", unsaved: "Your answer was not saved.", again: "Try again",
  },
  nl: {
    notice: "Privacyverklaring", by: "{controller}; verklaring {id}, versie {version}", read: "Begrepen",
    given: "Ja, ik stem toe", refused: "Nee", withdrawn: "Toestemming intrekken",
    "is-given": "U hebt toegestemd.", "is-refused": "U hebt geweigerd.",
    "is-withdrawn": "U hebt ingetrokken; wat daarop berustte, is gewist.",
    needed: "Zonder deze toestemming kunt u de chat niet gebruiken.",
    error: "De privacyverklaring is nu niet bereikbaar.", unsaved: "Uw antwoord is niet opgeslagen.",
    again: "Opnieuw proberen",
  },
};
const STYLE = `
:host { display: block; font: inherit; color: inherit; }
:host([hidden]) { display: none; }
summary { cursor: pointer; font-weight: 600; }
.disclosure { font-weight: 600; }
fieldset { border: 1px solid; border-radius: .4em; margin: .8em 0; padding: .6em .8em; }
button { font: inherit; padding: .5em 1em; margin: .3em .5em .3em 0; min-height: 44px; cursor: pointer; }
small { display: block; }
:focus-visible { outline: 3px solid currentColor; outline-offset: 2px; }
`;

class SordinoConsent extends HTMLElement {
  static observedAttributes = ["channel", "lang", "for"];
  #root = this.attachShadow({ mode: "open" });
  #page = null; // what GET consent answered
  #token = null;
  #opening = null;
  #asked = 0;

  connectedCallback() {
    const sheet = new CSSStyleSheet(); // allowed by a strict content security policy, where <style> is not
    sheet.replaceSync(STYLE);
    this.#root.adoptedStyleSheets = [sheet];
    this.#load();
  }

  attributeChangedCallback(_name, before, after) {
    if (this.isConnected && before !== after) this.#load();
  }

  get open() {
    const page = this.#page;
    if (!page || page.disclosure_required) return false;
    return page.consents.every((each) => !each.required || each.state === "given");
  }

  async headers() {
    if (!this.#token && this.open) {
      // The disclosure stands in this element, so that the bot's first answer need not repeat it.
      this.#opening ??= this.#page.ai_disclosure ? this.#post({ disclosed: true }) : Promise.resolve();
      try {
        await this.#opening;
      } finally {
        this.#opening = null;
      }
    }
    return this.#token ? { [SESSION]: this.#token } : {};
  }

  forget() {
    this.#keep(null);
    return this.#load();
  }

  get #base() {
    const base = new URL(this.getAttribute("channel") ?? ".", document.baseURI);
    if (!base.pathname.endsWith("/")) base.pathname += "/";
    return base;
  }

  get #language() {
    const wanted = [this.lang, document.documentElement.lang, ...navigator.languages];
    return wanted.map((tag) => tag.slice(0, 2).toLowerCase()).find((tag) => tag in TEXTS) ?? "en";
  }

  get #words() {
    return TEXTS[this.#language];
  }

  #keep(token) {
    this.#token = token;
    try {
      const key = `sordino:${this.#base.origin}${this.#base.pathname}`;
      if (token) sessionStorage.setItem(key, token);
      else sessionStorage.removeItem(key);
    } catch {
      // Storage is refused: the session lives as long as the page.
    }
  }

  async #load() {
    const asked = ++this.#asked;
    try {
      this.#token ??= sessionStorage.getItem(`sordino:${this.#base.origin}${this.#base.pathname}`);
    } catch {
      // As above.
    }
    try {
      let answer = await this.#fetch();
      if (!answer.ok && this.#token) {
        this.#keep(null); // the session has ended
        answer = await this.#fetch();
      }
      if (!answer.ok) throw new Error(String(answer.status));
      const page = await answer.json();
      if (asked === this.#asked) this.#show(page);
    } catch {
      if (asked === this.#asked) this.#fail("error", () => this.#load());
    }
  }

  #fetch(body) {
    const headers = { Accept: "application/json", "Accept-Language": this.#language };
    if (this.#token) headers[SESSION] = this.#token;
    if (body) headers["Content-Type"] = "application/json";
    const url = new URL(`consent?lang=${this.#language}`, this.#base);
    const text = body && JSON.stringify({ ...body, language: this.#language });
    return fetch(url, { method: body ? "POST" : "GET", body: text, headers, cache: "no-store", credentials: "omit" });
  }

  async #post(body) {
    const answer = await this.#fetch(body);
    if (!answer.ok) throw new Error(String(answer.status));
    this.#keep(answer.headers.get(SESSION) ?? this.#token);
    this.#show(await answer.json());
  }

  async #answer(body, focus) {
    for (const button of this.#root.querySelectorAll("button")) button.disabled = true;
    if (this.#chat) this.#chat.inert = true; // what is typed meanwhile would open a session of its own
    try {
      await this.#post(body);
      this.#root.getElementById(focus)?.focus();
    } catch {
      this.#show(this.#page);
      this.#fail("unsaved", () => this.#answer(body, focus), true);
    }
  }

  #show(page) {
    this.#page = page;
    const words = this.#words;
    const { notice } = page;
    const by = words.by.replace("{controller}", notice.controller.name).replace("{id}", notice.id);
    const parts = [];
    if (notice.text) {
      const paragraphs = notice.text.split(/\n\s*\n/).map((text) => make("p", { textContent: text.trim() }));
      const said = make("div", { lang: notice.language }, ...paragraphs);
      const origin = make("small", { textContent: by.replace("{version}", notice.version) });
      parts.push(make("details", { id: "notice" }, make("summary", { textContent: words.notice }), said, origin));
    }
    if (page.ai_disclosure) {
      const told = { className: "disclosure", textContent: page.ai_disclosure, lang: notice.language };
      parts.push(make("p", told));
    }
    if (page.disclosure_required) parts.push(this.#button("read", { disclosed: true }, "state"));
    parts.push(make("div", { id: "state", tabIndex: -1, role: "status" })); // the tab key goes on to the questions
    parts.push(...page.consents.map((consent) => this.#question(consent, notice.language)));
    this.#root.replaceChildren(make("section", { ariaLabel: words.notice, lang: this.#language }, ...parts));
    this.#changed();
  }

  #question({ id, ask, state, was, required }, language) {
    const words = this.#words;
    // What is said after a session's end opens another; what was given in the one before can still be taken back.
    const asked = was === "given" ? ["given", "withdrawn"] : ["given", "refused"];
    const choices = { given: ["withdrawn"], requested: asked }[state] ?? ["given"];
    const field = make("fieldset", { id: `consent-${id}`, tabIndex: -1 });
    field.append(make("legend", { textContent: ask, lang: language }));
    if (required && state !== "given") field.append(make("p", { textContent: words.needed }));
    if (state !== "requested") field.append(make("p", { textContent: words[`is-${state}`] }));
    field.append(...choices.map((answer) => this.#button(answer, { consent: id, answer }, field.id)));
    return field;
  }

  #button(key, body, focus) {
    return make("button", { type: "button", textContent: this.#words[key], onclick: () => this.#answer(body, focus) });
  }

  #fail(key, again, beside = false) {
    const retry = make("button", { type: "button", textContent: this.#words.again, onclick: again });
    const told = make("div", { role: "alert" }, make("p", { textContent: this.#words[key] }), retry);
    if (beside) this.#root.append(told);
    else {
      this.#page = null;
      this.#root.replaceChildren(told);
      this.#changed();
    }
  }

  get #chat() {
    return this.getAttribute("for") && this.getRootNode().getElementById(this.getAttribute("for"));
  }

  #changed() {
    if (this.#chat) this.#chat.inert = !this.open;
    const detail = { open: this.open, consents: this.#page?.consents ?? [], session: this.#page?.session ?? null };
    this.dispatchEvent(new CustomEvent("sordino-change", { detail, bubbles: true }));
  }
}

function make(name, properties, ...children) {
  const element = Object.assign(document.createElement(name), properties);
  element.append(...children);
  return element;
}

customElements.define("sordino-consent", SordinoConsent);
