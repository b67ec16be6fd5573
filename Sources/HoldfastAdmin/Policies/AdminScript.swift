/// What the page of a ``PolicyAdmin`` does. Texts become text nodes and never markup.
enum AdminScript {
    static let javaScript = """
        const actions = {
          circuitBreaker: ["breaker", ["isolate", "trip", "probe", "reset", "release"]], shed: ["shed", ["hold", "release"]],
          adaptiveLimiter: ["limiter", ["reset"]], chaos: ["chaos", ["enable", "disable"]],
        };
        const token = byID("token");
        token.value = sessionStorage.getItem("holdfast-token") || "";
        byID("key").addEventListener("submit", event => event.preventDefault());
        token.addEventListener("input", () => { sessionStorage.setItem("holdfast-token", token.value); enable(); });

        function enable() { for (const button of document.querySelectorAll("button")) button.disabled = !token.value; }
        function say(text, isBad) { const node = byID("message"); set(node, text); node.className = isBad ? "bad" : ""; }

        async function order(source, element, kind, action, level) {
          const command = { kind, source, name: element.name, action };
          if (level) command.level = level;
          try {
            const answer = await fetch("/v1/control", {
              method: "POST", body: JSON.stringify(command),
              headers: { "Content-Type": "application/json", "Authorization": "Bearer " + token.value },
            });
            const body = await answer.json();
            say(answer.ok ? element.name + ": " + action + (level ? " " + level : "") : body.error, !answer.ok);
          } catch (error) { say(String(error), true); }
          look();
        }

        function buildElement(source, element) {
          const row = newElement();
          const place = make(row, "div", "actions");
          const [kind, names] = actions[element.kind] || ["", []];
          let level;
          if (kind === "shed") {
            level = make(place, "select");
            level.setAttribute("aria-label", "level");
            for (const name of ["none", "sheddable", "sheddablePlus", "critical", "criticalPlus"]) make(level, "option").textContent = name;
          }
          for (const name of names) {
            const button = make(place, "button");
            button.textContent = name;
            button.addEventListener("click", () => order(source, element, kind, name, name === "hold" ? level.value : undefined));
          }
          return row;
        }

        function ago(seconds) {
          if (seconds < 120) return Math.round(seconds) + " s";
          return seconds < 7200 ? Math.round(seconds / 60) + " min" : Math.round(seconds / 3600) + " h";
        }
        function buildDocument() {
          const card = document.createElement("div");
          card.className = "card";
          make(card, "h2"); make(card, "p", "soft"); make(card, "p", "failure");
          return card;
        }
        function updateDocument(card, item) {
          set(card.querySelector("h2"), item.file);
          const refused = item.refusedChanges ? "; " + item.refusedChanges + " changes refused" : "";
          set(card.querySelector(".soft"), "version " + item.version + " (" + item.fingerprint + "), in force since " + item.since + ", "
            + ago(item.ageSeconds) + " ago" + refused);
          set(card.querySelector(".failure"), item.failure ? "The file is not in force as it is now:\\n" + item.failure : "");
        }

        function buildPolicy() {
          const card = document.createElement("div");
          card.className = "card";
          make(card, "h2"); make(card, "p", "soft"); make(card, "div", "elements");
          return card;
        }
        function updatePolicy(card, policy) {
          set(card.querySelector("h2"), policy.name);
          const routes = policy.routes.map(route => route.methods + (route.idempotent ? " (idempotent, " : " (") + route.criticality + ")");
          set(card.querySelector(".soft"), [policy.source].concat(routes).join(" · "));
          keyed(card.querySelector(".elements"), policy.elements, element => element.kind + " " + element.name,
            element => buildElement(policy.source, element), updateElement);
        }

        async function look() {
          const status = byID("status");
          try {
            const answer = await fetch("/v1/policies", { cache: "no-store", signal: AbortSignal.timeout(5000) });
            if (!answer.ok) throw new Error("the server answers " + answer.status);
            const all = await answer.json();
            const alone = all.controllers.map(item => ({ source: item.source, name: item.name, routes: [], elements: [
              { name: item.name, kind: "shed", summary: "", counters: {}, state: item }] }));
            keyed(byID("documents"), all.documents, item => item.source, buildDocument, updateDocument);
            keyed(byID("policies"), all.policies.concat(alone), item => item.source + " " + item.name, buildPolicy, updatePolicy);
            if (!all.policies.length && !alone.length) say("There are no policies.", false);
            set(status, "live");
            status.className = "pill good";
            enable();
          } catch (error) {
            set(status, "no answer");
            status.className = "pill bad";
          }
        }
        async function watch() {
          for (;;) {
            if (!document.hidden) await look();
            await new Promise(done => setTimeout(done, 1000));
          }
        }
        watch();
        """
}
