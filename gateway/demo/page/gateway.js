// The gateway's addresses as the page needs them: consent, ratings, and a streamed answer.

const SESSION = "X-Sordino-Session";

// What went wrong: an HTTP status, or "network" or "broken"; and the title of the problem document, if there is one.
export class Problem extends Error {
  constructor(status, title = "") {
    super(title || String(status));
    this.status = status;
    this.title = title;
  }
}

export class Gateway {
  #base;
  #session;

  // base is the channel's own address, such as https://chat.example/chatbot/
  constructor(base) {
    this.#base = base;
    this.#session = stored(() => sessionStorage.getItem(this.#key)) ?? null;
  }

  get #key() {
    return `sordino:${this.#base.pathname}`;
  }

  forget() {
    this.#session = null;
    stored(() => sessionStorage.removeItem(this.#key));
  }

  // A token that the gateway no longer takes (the session has ended) is dropped, and a new session begins.
  async consent(language) {
    const path = `consent?lang=${language}`;
    try {
      return await (await this.#call(path, language)).json();
    } catch (problem) {
      if (!this.#session || ![401, 403, 404, 410].includes(problem.status)) throw problem;
      this.forget();
      return (await this.#call(path, language)).json();
    }
  }

  send(path, body, language, signal) {
    return this.#call(path, language, { method: "POST", body: JSON.stringify(body), signal });
  }

  async #call(path, language, options = {}) {
    const headers = { Accept: "application/json, text/event-stream", "Accept-Language": language };
    if (this.#session) headers[SESSION] = this.#session;
    if (options.body) headers["Content-Type"] = "application/json";
    // Without cookies: the token of this tab says whose session it is, and "new conversation" means what it says.
    const always = { headers, cache: "no-store", credentials: "omit" };
    const response = await fetch(new URL(path, this.#base), { ...options, ...always });
    const opened = response.headers.get(SESSION);
    if (opened) {
      this.#session = opened;
      stored(() => sessionStorage.setItem(this.#key, opened));
    }
    if (response.ok) return response;
    const problem = await response.json().catch(() => ({}));
    throw new Problem(response.status, typeof problem.title === "string" ? problem.title : "");
  }
}

// Yields the pieces of the answer's text; throws when the answer ends without its end mark.
export async function* answerPieces(response) {
  if (!response.headers.get("Content-Type")?.startsWith("text/event-stream")) {
    yield (await response.json()).choices[0].message.content ?? "";
    return;
  }
  for await (const data of eventData(response)) {
    if (data === "[DONE]") return;
    const event = JSON.parse(data);
    if (event.error) throw new Problem("broken", "");
    yield event.choices?.[0]?.delta?.content ?? "";
  }
  throw new Problem("broken");
}

async function* eventData(response) {
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { value, done } = await reader.read().catch((cause) => {
      throw cause.name === "AbortError" ? cause : new Problem("broken");
    });
    if (done) return;
    const blocks = (rest + value).split(/\r?\n\r?\n/);
    rest = blocks.pop();
    for (const block of blocks) {
      const lines = block.split(/\r?\n/).filter((line) => line.startsWith("data:"));
      if (lines.length) yield lines.map((line) => line.slice(5).trimStart()).join("\n");
    }
  }
}

// Storage may be forbidden in this browser; the page works without it.
function stored(action) {
  try {
    return action();
  } catch {
    return null;
  }
}
