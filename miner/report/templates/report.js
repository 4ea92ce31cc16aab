"use strict";
(function () {
  const PAGE = 25;
  const BRIEF = 8;
  const data = JSON.parse(document.getElementById("data").textContent);
  const form = document.querySelector(".filters");
  const list = document.getElementById("list");
  const more = document.getElementById("more");
  const count = document.getElementById("count");
  const KEYS = ["theme", "polarity", "cohort", "signal", "from", "to", "q"];
  const opposite = document.getElementById("opposite");
  const back = document.getElementById("back");
  let shown = PAGE;

  data.rows.forEach((row) => {
    row.text = row.t.map((piece) => piece[0]).join("");
    row.low = row.text.toLowerCase();
  });

  /* A text of the page's own in the report's language. */
  function t(text, figures) {
    return (data.words[text] || text).replace(/\{(\w+)\}/g, (all, name) =>
      figures && name in figures ? figures[name] : all);
  }

  function number(value) { return value.toLocaleString(data.language); }

  function el(name, attributes, ...children) {
    const node = document.createElement(name);
    Object.entries(attributes || {}).forEach(([key, value]) => node.setAttribute(key, value));
    children.forEach((child) => node.append(child));
    return node;
  }

  /* The fragment is the one place the filter lives: #theme=service.billing&q=refund; #v17 is one
     mention, #f3 one whole feedback. */
  function wanted() {
    const hash = location.hash.slice(1);
    const one = /^([vf])(\d+)$/.exec(hash);
    const at = one ? Number(one[2]) : null;
    const found = { mention: one && one[1] === "v" ? at : null, feedback: one && one[1] === "f" ? at : null };
    const query = new URLSearchParams(one || !hash.includes("=") ? "" : hash);
    KEYS.forEach((key) => { found[key] = query.get(key) || ""; });
    return found;
  }

  function isFilter(hash) {
    return /^#[vf]\d+$/.test(hash) || /^#(theme|polarity|cohort|signal|from|to|q)=/.test(hash);
  }

  function named(mention, filter) {
    return (!filter.theme || mention[0] === filter.theme || mention[0].startsWith(filter.theme + ".")) &&
      (!filter.polarity || mention[1] === filter.polarity);
  }

  /* Whether this mention is what the reader asked for, and not only in the same feedback. */
  function asked(mention, filter) {
    if (filter.mention !== null) return mention[2] === filter.mention;
    return Boolean(filter.theme || filter.polarity) && named(mention, filter);
  }

  function matches(row, filter) {
    if (filter.mention !== null) return row.m.some((one) => one[2] === filter.mention);
    if (filter.feedback !== null) return row.f === filter.feedback;
    if ((filter.theme || filter.polarity) && !row.m.some((one) => named(one, filter))) return false;
    if (filter.signal && !row.g.includes(filter.signal)) return false;
    if (filter.cohort) {
      const cut = filter.cohort.indexOf(":");
      if (row.c[filter.cohort.slice(0, cut)] !== filter.cohort.slice(cut + 1)) return false;
    }
    if (filter.from && !(row.k && row.k >= filter.from)) return false;
    if (filter.to && !(row.k && row.k <= filter.to)) return false;
    return filter.q.toLowerCase().split(/\s+/).every((word) => row.low.includes(word));
  }

  function theme(key) { return data.themes[key] || key; }

  function meta(row) {
    const scores = Object.entries(row.s).map(([key, value]) => key + " " + value);
    const cohorts = Object.entries(row.c).map(([key, value]) => data.cohorts[key] + " " + value);
    return [row.i, row.d, ...scores, ...cohorts].filter(Boolean).join(" · ");
  }

  function quote(row, filter) {
    const text = el("blockquote", { dir: "auto" });
    const focus = row.m.filter((one) => asked(one, filter)).map((one) => one[2]);
    row.t.forEach(([words, mark, mentions]) => {
      if (!mark) return text.append(words);
      const name = mark.replace("+", "") + (mentions.some((at) => focus.includes(at)) ? " focus" : "");
      text.append(el("mark", { class: name }, mark.endsWith("+") ? el("b", {}, words) : words));
    });
    const item = el("li", { class: "quote" });
    const role = row.m.find((one) => one[2] === filter.mention && one[3].length);
    if (role) item.append(el("p", { class: "role" }, theme(role[0]) + ", " + role[3].map((one) => t(one)).join(", ")));
    if (filter.mention !== null || filter.feedback !== null) item.classList.add("target");
    const tags = [...new Set(row.m.map((one) => one[0] + "|" + one[1]))].map((tag) => {
      const [key, polarity] = tag.split("|");
      return el("a", { href: "#theme=" + key + "&polarity=" + polarity }, theme(key) + ", " + t(polarity));
    });
    const copy = el("button", { type: "button" }, t("copy"));
    copy.addEventListener("click", () => copied(copy, "“" + row.text + "” [" + meta(row) + "]"));
    item.append(text, el("p", { class: "meta" }, meta(row), ...tags, copy));
    return item;
  }

  function copied(button, text) {
    const done = () => { button.textContent = t("copied"); };
    const byHand = () => {
      const area = el("textarea", {});
      area.value = text;
      document.body.append(area);
      area.select();
      document.execCommand("copy");
      area.remove();
      button.focus();
      done();
    };
    if (navigator.clipboard) navigator.clipboard.writeText(text).then(done, byHand);
    else byHand();
  }

  function current() {
    const filter = wanted();
    return { filter, rows: data.rows.filter((row) => matches(row, filter)) };
  }

  function draw() {
    const { filter, rows } = current();
    KEYS.forEach((key) => {
      const field = form.elements[key];
      if (field && document.activeElement !== field) field.value = filter[key];
    });
    list.replaceChildren(...rows.slice(0, shown).map((row) => quote(row, filter)));
    document.getElementById("none").hidden = rows.length > 0;
    more.hidden = rows.length <= shown;
    document.getElementById("export").disabled = !rows.length;
    document.getElementById("clear").disabled = rows.length === data.rows.length;
    counter(filter);
    count.textContent = t("{shown} of {all} feedback in this page", {
      shown: number(rows.length), all: number(data.rows.length) }) +
      (filter.theme ? ", " + theme(filter.theme) : "") + (filter.polarity ? ", " + t(filter.polarity) : "");
  }

  /* What others say of the same theme: one click from every list of one side. */
  function counter(filter) {
    const other = { negative: "positive", positive: "negative" }[filter.polarity];
    opposite.hidden = !(other && filter.theme);
    if (opposite.hidden) return;
    opposite.href = "#theme=" + filter.theme + "&polarity=" + other;
    opposite.textContent = t("The other side: {theme}, {polarity}", {
      theme: theme(filter.theme), polarity: t(other) });
  }

  function jump() {
    shown = PAGE;
    draw();
    if (!isFilter(location.hash)) { back.hidden = true; return; }
    const { mention, feedback } = wanted();
    const one = mention !== null || feedback !== null || matchMedia("(max-width: 640px)").matches;
    (one ? document.querySelector(".results") : document.getElementById("verbatims")).scrollIntoView();
    list.focus({ preventScroll: true });
  }

  /* A figure that was followed can be gone back to. */
  function followed(event) {
    const link = event.target.closest("a");
    const hash = link && (link.getAttribute("href") || "");
    if (hash && isFilter(hash) && !link.closest("#verbatims")) back.hidden = false;
  }

  /* The chapter a reader is in stands out in the bar of chapters. */
  function marked() {
    const links = new Map([...document.querySelectorAll(".rail a")].map((link) => [link.hash.slice(1), link]));
    const seen = new IntersectionObserver((entries) => entries.forEach((entry) => {
      if (!entry.isIntersecting) return;
      links.forEach((link) => link.removeAttribute("aria-current"));
      const link = links.get(entry.target.id);
      link.setAttribute("aria-current", "true");
      link.parentNode.parentNode.scrollLeft = link.offsetLeft - 48;
    }), { rootMargin: "-20% 0px -75% 0px" });
    document.querySelectorAll(".chapter").forEach((chapter) => seen.observe(chapter));
  }

  function typed() {
    const query = KEYS.map((key) => [key, form.elements[key] ? form.elements[key].value.trim() : ""])
      .filter((pair) => pair[1])
      .map(([key, value]) => key + "=" + encodeURIComponent(value).replace(/%3A/g, ":").replace(/%2C/g, ","));
    history.replaceState(null, "", "#" + (query.join("&") || "verbatims"));
    shown = PAGE;
    draw();
  }

  /* A cell that starts with = + - @ would run as a formula in a spreadsheet: a quote mark stops it. */
  function cell(value) {
    const text = String(value);
    const safe = /^ *[=+\-@\t\r\n|%]/.test(text) ? "'" + text : text;
    return '"' + safe.replace(/"/g, '""') + '"';
  }

  function exported() {
    const lines = [["id", "date", "themes", "scores", "cohorts", "signals", "verbatim"]];
    current().rows.forEach((row) => lines.push([
      row.i, row.d,
      row.m.map((one) => one[0] + " " + one[1]).join("; "),
      Object.entries(row.s).map((pair) => pair.join(" ")).join("; "),
      Object.entries(row.c).map((pair) => pair.join(" ")).join("; "),
      row.g.join("; "),
      row.text,
    ]));
    const text = "\ufeff" + lines.map((line) => line.map(cell).join(",")).join("\r\n") + "\r\n";
    const link = el("a", { download: "verbatims.csv" });
    link.href = URL.createObjectURL(new Blob([text], { type: "text/csv;charset=utf-8" }));
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  }

  function sortable(table) {
    const heads = [...table.tHead.rows[0].cells];
    heads.forEach((head, at) => {
      const button = el("button", { type: "button" }, head.textContent);
      head.replaceChildren(button);
      button.addEventListener("click", () => {
        const down = head.getAttribute("aria-sort") !== "descending";
        heads.forEach((other) => other.removeAttribute("aria-sort"));
        head.setAttribute("aria-sort", down ? "descending" : "ascending");
        const rows = [...table.tBodies[0].rows].map((row) => [key(row.cells[at]), row]);
        rows.sort((a, b) => compare(a[0], b[0], down));
        table.tBodies[0].append(...rows.map((pair) => pair[1]));
      });
    });
  }

  /* A long ranking starts with its first rows. */
  function brief(table) {
    const rows = table.tBodies[0].rows.length;
    if (rows <= BRIEF) return;
    table.classList.add("brief");
    const all = el("button", { type: "button", class: "whole" }, t("Show all {n}", { n: number(rows) }));
    all.addEventListener("click", () => { table.classList.remove("brief"); all.remove(); table.tBodies[0].rows[BRIEF].querySelector("a").focus(); });
    table.parentNode.after(all);
  }

  function key(node) {
    const text = node.dataset.sort === undefined ? node.textContent.trim() : node.dataset.sort;
    return text === "" ? null : isNaN(text) ? text : Number(text);
  }

  function compare(a, b, down) {
    if (a === null || b === null) return a === b ? 0 : a === null ? 1 : -1;
    const order = typeof a === "number" && typeof b === "number" ? a - b : String(a).localeCompare(String(b));
    return down ? -order : order;
  }

  form.hidden = false;
  document.querySelector(".results").hidden = false;
  document.getElementById("static").hidden = true;
  form.addEventListener("input", typed);
  form.addEventListener("submit", (event) => event.preventDefault());
  more.addEventListener("click", () => { shown += PAGE; draw(); });
  document.getElementById("export").addEventListener("click", exported);
  document.getElementById("clear").addEventListener("click", () => { location.hash = "#verbatims"; });
  back.addEventListener("click", () => history.back());
  document.addEventListener("click", followed);
  window.addEventListener("hashchange", jump);
  window.addEventListener("beforeprint", () =>
    document.querySelectorAll("details.group").forEach((group) => { group.open = true; }));
  document.querySelectorAll("table.sortable").forEach(sortable);
  document.querySelectorAll("table.findings").forEach(brief);
  marked();
  jump();
})();
