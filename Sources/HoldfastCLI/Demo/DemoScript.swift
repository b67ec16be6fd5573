/// What the page of `serve echo --demo` does: it keeps a WebSocket open as long as there is a service to talk to, and looks at the state
/// of what stands between twice a second.
enum DemoScript {
    static let javaScript = #"""
        // The call over WebSocket. A word goes ahead of what was typed: only its echo says that there is a service at the other end.
        const firstWord = "hello";
        const address = (location.protocol === "https:" ? "wss://" : "ws://") + location.host + "/v1/echo?method=POST";
        let socket, live = false, tries = 0, retryAt = 0, failure = null;
        let waiting = [], sent = [];

        function note(text) { const row = make(byID("log"), "li", "note"); row.textContent = text; show(row); }
        function show(row) {
          const log = byID("log");
          while (log.children.length > 200) log.firstChild.remove();
          log.scrollTop = log.scrollHeight;
        }
        function say(text, quietly) {
          const row = make(byID("log"), "li");
          make(row, "span").textContent = text;
          set(make(row, "span", "echo soft"), live ? "…" : "waits for the connection");
          const message = { text, row, since: performance.now() };
          show(row);
          if (live) send(message); else waiting.push(message);
        }
        function send(message) {
          sent.push(message);
          socket.send(JSON.stringify({ message: message.text }));
        }
        function echoed(text) {
          const message = sent.shift();
          if (!message) return;
          if (!message.row) return connected();
          const echo = message.row.querySelector(".echo");
          set(echo, text);
          echo.className = "echo";
          echo.title = (performance.now() - message.since).toFixed(1) + " ms";
        }
        function lost(message, why) {
          if (!message.row) return;
          const echo = message.row.querySelector(".echo");
          set(echo, why);
          echo.className = "echo pill bad";
        }
        function connected() {
          note(tries ? "connected again, at try " + (tries + 1) : "connected");
          live = true; tries = 0;
          const due = waiting;
          waiting = [];
          for (const message of due) { set(message.row.querySelector(".echo"), "…"); send(message); }
        }
        function connect() {
          failure = null;
          sent = [];
          socket = new WebSocket(address);
          socket.addEventListener("open", () => send({ text: firstWord }));
          socket.addEventListener("message", event => {
            const message = JSON.parse(event.data);
            if (message.error) failure = message.error; else echoed(message.result.message);
          });
          socket.addEventListener("close", event => {
            const why = !failure ? "closed with " + event.code
              : failure.reason ? failure.policy + " refuses: " + failure.reason : failure.status + ": " + failure.message;
            for (const message of sent) lost(message, why);
            sent = [];
            if (live) note("the connection has ended, " + event.code);
            else tries++;
            live = false;
            // Who refuses says when to come back. Else a moment, of which no two pages have the same.
            const pause = failure && failure.retryAfterMilliseconds || 400 + 200 * Math.random();
            retryAt = performance.now() + pause;
            setTimeout(connect, pause);
            tell(why);
          });
        }
        let lastWhy = "";
        function tell(why) {
          lastWhy = why || lastWhy;
          const status = byID("status");
          set(status, live ? "connected" : "not connected");
          status.className = "pill " + (live ? "good" : "bad");
          const rest = Math.max(retryAt - performance.now(), 0) / 1000;
          set(byID("line"), live || !lastWhy ? "" : lastWhy + "; " + (rest > 0 ? "try " + (tries + 1) + " in " + rest.toFixed(1) + " s" : "trying"));
        }
        byID("talk").addEventListener("submit", event => {
          event.preventDefault();
          const field = byID("text"), text = field.value.trim();
          if (text) say(text);
          field.value = "";
        });

        // What stands between, and the service itself.
        const stateNames = { closed: "closed", open: "open", halfOpen: "half open" };
        const historyLength = 120;
        let backend, breaker;
        for (let count = 0; count < historyLength; count++) make(byID("history"), "i");
        function showState(state) {
          if (backend && backend !== state.backend) {
            note(state.backend === "broken" ? "the backend was broken" : "the backend was mended");
            // A stream that says nothing does not notice.
            if (state.backend === "broken" && live) say("still there?");
          }
          backend = state.backend;
          const mark = byID("backend");
          set(mark, backend);
          mark.className = "pill " + (backend === "working" ? "good" : "bad");
          byID("break").disabled = backend === "broken";
          byID("mend").disabled = backend === "working";
          showBreaker(state.calls.find(element => element.kind === "circuitBreaker"));
          keyed(byID("quotas"), state.quotas, quota => quota.name, buildQuota, updateQuota);
          if (!state.quotas.length) set(byID("outcome"), "There is none: start with --gateway-limits Policies/gateway-limits.json");
          keyed(byID("elements"), state.limits.concat(state.calls), element => element.kind + " " + element.name, newElement, updateElement);
        }
        function showBreaker(element) {
          const mark = byID("breaker");
          if (!element) {
            set(mark, "none");
            return set(byID("explanation"), "Start with --gateway-policies Policies/gateway.json");
          }
          const [text, colour] = pill(element);
          if (breaker && breaker !== text) note("the breaker is " + (stateNames[text] || text));
          breaker = text;
          set(mark, stateNames[text] || text);
          mark.className = "pill " + colour;
          set(byID("explanation"), rounded(element.state.explanation));
          const history = byID("history");
          make(history, "i", colour);
          if (history.children.length > historyLength) history.firstChild.remove();
        }
        function buildQuota() {
          const row = document.createElement("div");
          row.className = "quota";
          make(row, "span", "name"); make(row, "span", "number"); make(make(row, "div", "bar"), "i");
          return row;
        }
        function updateQuota(row, quota) {
          set(row.querySelector(".name"), quota.name + (quota.isOwn ? ", yours" : ", of all together"));
          set(row.querySelector(".number"), quota.available + " of " + quota.limit + " left");
          const bar = row.querySelector("i");
          bar.style.width = 100 * quota.available / quota.limit + "%";
          bar.className = quota.available < quota.limit / 10 ? "bad" : "";
        }

        async function turn(to) {
          const answer = await fetch("/v1/demo", {
            method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ backend: to }),
          });
          const body = await answer.json();
          if (answer.ok) showState(body); else note("that was refused: " + body.error);
        }
        function onPress(id, work) {
          byID(id).addEventListener("click", () => work().catch(error => note(String(error))));
        }
        onPress("break", () => turn("broken"));
        onPress("mend", () => turn("working"));
        onPress("burst", async () => {
          const counts = new Map();
          await Promise.all(Array.from({ length: 20 }, async (_, number) => {
            const answer = await fetch("/v1/echo", {
              method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ message: String(number) }),
            });
            const end = JSON.parse((await answer.text()).trim().split("\n").pop());
            const what = end.error ? answer.status + " " + end.error.status : answer.status + " echoed";
            counts.set(what, (counts.get(what) || 0) + 1);
          }));
          set(byID("outcome"), [...counts].map(([what, count]) => count + " × " + what).join(", "));
          await look();
        });

        async function look() {
          const answer = await fetch("/v1/demo", { cache: "no-store", signal: AbortSignal.timeout(5000) });
          if (!answer.ok) throw new Error("the gateway answers " + answer.status);
          showState(await answer.json());
        }
        async function watch() {
          for (;;) {
            if (!document.hidden) {
              try { await look(); } catch (error) { set(byID("backend"), "no answer"); byID("backend").className = "pill bad"; }
              tell();
            }
            await new Promise(done => setTimeout(done, 500));
          }
        }
        connect();
        watch();
        """#
}
