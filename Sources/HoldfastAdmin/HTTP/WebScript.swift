/// What the scripts of all pages share. Texts become text nodes and never markup.
package enum WebScript {
    /// To be put in front of a page's own script.
    package static let tools = """
        "use strict";
        const byID = id => document.getElementById(id);
        const colours = { closed: "good", open: "bad", halfOpen: "warn", isolated: "bad", disabled: "warn", observing: "warn" };

        function make(parent, tag, className) {
          const node = document.createElement(tag);
          if (className) node.className = className;
          return parent.appendChild(node);
        }
        function set(node, text) { if (node.textContent !== text) node.textContent = text; }

        // Nodes stay the same from one look to the next, so that what is being read or pressed does not go away.
        function keyed(parent, items, keyOf, build, update) {
          const old = new Map([...parent.children].filter(node => node.dataset.key !== undefined).map(node => [node.dataset.key, node]));
          for (const item of items) {
            const key = keyOf(item);
            let node = old.get(key);
            if (node) old.delete(key); else { node = build(item); node.dataset.key = key; parent.appendChild(node); }
            update(node, item);
          }
          for (const node of old.values()) node.remove();
        }

        function words(name) { return name.replace(/Milliseconds$/, " (ms)").replace(/[A-Z]/g, letter => " " + letter.toLowerCase()); }
        function figures(element) {
          const shown = Object.entries(element.state).filter(([name, value]) =>
            value !== null && value !== 0 && !["state", "explanation", "level", "held", "enabled"].includes(name));
          return shown.concat(Object.entries(element.counters)).map(([name, value]) =>
            words(name) + " " + (Math.abs(value) >= 1000 ? Math.round(value) : Number.isInteger(value) ? value : Number(value).toPrecision(3))).join(" · ");
        }
        function pill(element) {
          const state = element.state;
          if (element.kind === "circuitBreaker") return [state.state, colours[state.state] || ""];
          if (element.kind === "shed") return [(state.level ? "gives up " + state.level : "gives up nothing") + (state.held ? ", held" : ""), state.level ? "bad" : state.held ? "warn" : "good"];
          if (element.kind === "chaos") return [state.enabled ? "on" : "off", state.enabled ? "bad" : ""];
          return [element.kind, ""];
        }

        function rounded(text) { return text.replace(/([0-9]+[.][0-9])[0-9]+/g, "$1"); }
        function newElement() {
          const row = document.createElement("div");
          row.className = "element";
          make(row, "b");
          const what = make(row, "div", "what");
          make(what, "span", "pill"); make(what, "div", "summary"); make(what, "div", "figures");
          return row;
        }
        function updateElement(row, element) {
          set(row.querySelector("b"), element.name);
          const [text, colour] = pill(element);
          const mark = row.querySelector(".pill");
          set(mark, text);
          mark.className = "pill " + colour;
          set(row.querySelector(".summary"), rounded(element.state.explanation || element.summary));
          row.querySelector(".summary").title = element.summary;
          set(row.querySelector(".figures"), figures(element));
        }

        """
}
