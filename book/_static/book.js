/* What the pages can do beyond being read: the evidence card, the ledger's filter, keyboard
   scrolling. Nothing is fetched, so it all works from the file system; without it the pages
   are whole, and each number is a plain link to its entry in the ledger. */
(() => {
  "use strict";
  const LINKS = "a[data-evidence]";
  const VERDICTS = { exact: "exact", within: "within tolerance", different: "different", not_run: "not run here" };
  const make = (tag, properties = {}, ...children) => {
    const node = Object.assign(document.createElement(tag), properties);
    node.append(...children);
    return node;
  };

  /* ---- the evidence card ---- */

  const card = make("div", { className: "hf-card", id: "hf-card", hidden: true });
  card.setAttribute("role", "tooltip");
  let holder = null; // the link whose card is open
  let timer = 0;

  function fill(link) {
    const list = make("dl");
    for (const [label, text] of Object.entries(JSON.parse(link.dataset.evidence))) {
      list.append(make("dt", { textContent: label }), make("dd", { textContent: String(text) }));
    }
    card.replaceChildren(list);
    card.className = `hf-card ${[...link.classList].filter((c) => c.startsWith("hf-")).join(" ")}`;
    card.classList.remove("hf-claim", "hf-lit", "hf-const");
  }

  function place(link) {
    const margin = 12;
    const box = link.getClientRects()[0];
    const { offsetWidth: width, offsetHeight: height } = card;
    const wide = document.documentElement.clientWidth;
    const left = Math.max(margin, Math.min(box.left, wide - width - margin));
    const below = box.bottom + 8 + height <= window.innerHeight || box.top < height + 8 + margin;
    const top = below ? box.bottom + 8 : box.top - height - 8;
    card.style.left = `${left + window.scrollX}px`;
    card.style.top = `${top + window.scrollY}px`;
  }

  function hide() {
    clearTimeout(timer);
    holder?.removeAttribute("aria-describedby");
    holder = null;
    card.hidden = true;
  }

  function show(link) {
    clearTimeout(timer);
    if (holder === link) return;
    hide();
    fill(link);
    holder = link;
    link.setAttribute("aria-describedby", card.id);
    card.hidden = false;
    place(link);
  }

  function later(action, wait) {
    clearTimeout(timer);
    timer = setTimeout(action, wait);
  }

  function watch(link) {
    let touched = false; // this tap opened the card; the next one follows the link
    link.addEventListener("pointerenter", (e) => e.pointerType !== "touch" && later(() => show(link), 120));
    link.addEventListener("pointerleave", (e) => e.pointerType !== "touch" && later(hide, 250));
    link.addEventListener("pointerdown", (e) => { touched = e.pointerType === "touch" && holder !== link; });
    link.addEventListener("focus", () => link.matches(":focus-visible") && show(link));
    link.addEventListener("blur", () => later(hide, 50));
    link.addEventListener("click", (e) => {
      if (!touched) return;
      touched = false;
      e.preventDefault();
      show(link);
    });
  }

  function evidence() {
    const links = document.querySelectorAll(LINKS);
    if (!links.length) return;
    document.body.append(card);
    links.forEach(watch);
    card.addEventListener("pointerenter", () => clearTimeout(timer));
    card.addEventListener("pointerleave", () => later(hide, 250));
    document.addEventListener("keydown", (e) => e.key === "Escape" && hide());
    document.addEventListener("pointerdown", (e) => holder && !card.contains(e.target) && !holder.contains(e.target) && hide());
    window.addEventListener("resize", hide);
  }

  /* ---- the ledger's filter ---- */

  function entriesOf(ledger) {
    const entries = [...ledger.querySelectorAll("[data-verdict]")];
    return entries.map((node) => ({ node, verdict: node.dataset.verdict, words: `${node.id} ${node.textContent}`.toLowerCase() }));
  }

  function choice(verdict, count) {
    const box = make("input", { type: "checkbox", checked: true, value: verdict });
    const badge = make("span", { className: `hf-badge hf-${verdict}`, textContent: `${count} ${VERDICTS[verdict]}` });
    return make("label", {}, box, badge);
  }

  function filter() {
    const form = document.querySelector(".hf-filter");
    const ledger = document.querySelector(".hf-ledger");
    if (!form || !ledger) return;
    const entries = entriesOf(ledger);
    const query = make("input", { type: "search", placeholder: "Name or words" });
    query.setAttribute("aria-label", "Search the ledger by name or words");
    const told = make("output");
    told.setAttribute("aria-live", "polite");
    const boxes = Object.keys(VERDICTS).map((v) => choice(v, entries.filter((e) => e.verdict === v).length));
    form.replaceChildren(...boxes, query, told);
    form.hidden = false;
    const apply = () => {
      const wanted = new Set([...form.querySelectorAll(":checked")].map((box) => box.value));
      const words = query.value.toLowerCase().split(/\s+/).filter(Boolean);
      let shown = 0;
      for (const entry of entries) {
        const fits = wanted.has(entry.verdict) && words.every((word) => entry.words.includes(word));
        entry.node.hidden = !fits;
        shown += fits;
      }
      for (const folder of ledger.querySelectorAll("details")) { // a table's cells, folded
        const fits = folder.querySelector("[data-verdict]:not([hidden])") !== null;
        folder.hidden = !fits;
        if (words.length) folder.open = fits;
      }
      told.textContent = `${shown} of ${entries.length} entries shown`;
    };
    form.addEventListener("input", apply);
    form.addEventListener("submit", (e) => e.preventDefault());
    const follow = () => { // an entry that someone links to is shown, whatever the filter says
      const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
      if (!target || !ledger.contains(target)) return;
      query.value = "";
      form.querySelectorAll("[type=checkbox]").forEach((box) => { box.checked = true; });
      apply();
      const folder = target.closest("details");
      if (folder) folder.open = true;
      target.scrollIntoView();
    };
    window.addEventListener("hashchange", follow);
    follow();
    apply();
  }

  /* ---- whatever scrolls sideways can be reached and moved with the keyboard ---- */

  function name(block) {
    if (block.matches(".hf-table, table, :has(> table)")) return block.querySelector("caption")?.textContent.trim() || "Table";
    return block.matches("pre, .highlight") ? "Code" : "Formula";
  }

  function keyboard() {
    document.querySelectorAll(".bd-article table").forEach((table) => {
      if (table.parentElement.matches(".hf-table, .hf-scroll, .pst-scrollable-table-container, .table-wrapper")) return;
      const wrap = make("div", { className: "hf-scroll" });
      table.replaceWith(wrap);
      wrap.append(table);
    });
    const blocks = document.querySelectorAll(".bd-article :is(pre, .hf-table, .hf-scroll, .pst-scrollable-table-container, div.math)");
    const look = (block) => {
      if (block.scrollWidth <= block.clientWidth + 1 || block.hasAttribute("tabindex")) return;
      block.tabIndex = 0;
      block.setAttribute("role", "region");
      block.setAttribute("aria-label", `${name(block)}, scrolls sideways`);
    };
    const watcher = new ResizeObserver((seen) => seen.forEach(({ target }) => look(target)));
    blocks.forEach((block) => watcher.observe(block));
  }

  // docutils gives the references a role that no list may hold any more
  const references = () => document.querySelectorAll(".citation-list > [role]").forEach((item) => item.setAttribute("role", "listitem"));

  document.addEventListener("DOMContentLoaded", () => { references(); evidence(); filter(); keyboard(); });
})();
