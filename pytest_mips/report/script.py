"""The script of the page: it sorts and filters tables. Without it the page is the same, in the order of the roster."""

SCRIPT = """
(() => {
  "use strict";
  const numeric = text => {
    const cleaned = text.replace(/[,%\\s]/g, "");
    return cleaned !== "" && isFinite(cleaned) ? Number(cleaned) : null;
  };
  const valueOf = (row, column) => {
    const cell = row.cells[column];
    return cell ? (cell.dataset.value ?? cell.textContent.trim()) : "";
  };
  const compare = (left, right) => {
    const a = numeric(left), b = numeric(right);
    if (a !== null && b !== null) return a - b;
    if (a !== null || b !== null) return a !== null ? -1 : 1;
    return left.localeCompare(right);
  };
  const sort = (table, column) => {
    const heads = [...table.tHead.rows[0].cells], head = heads[column];
    const sign = head.getAttribute("aria-sort") === "ascending" ? -1 : 1;
    heads.forEach(other => other.removeAttribute("aria-sort"));
    head.setAttribute("aria-sort", sign > 0 ? "ascending" : "descending");
    const body = table.tBodies[0];
    const rows = [...body.rows].map(row => [valueOf(row, column), row]);
    rows.sort(([a], [b]) => (a === "") !== (b === "") ? (a === "" ? 1 : -1) : sign * compare(a, b));
    body.append(...rows.map(([, row]) => row));
  };
  for (const table of document.querySelectorAll("table.sortable")) {
    [...table.tHead.rows[0].cells].forEach((head, column) => {
      const button = document.createElement("button");
      button.type = "button";
      button.append(...head.childNodes);
      button.addEventListener("click", () => sort(table, column));
      head.append(button);
    });
  }
  const table = document.getElementById("tasks"), place = document.querySelector(".filter");
  if (table && place) {
    const name = document.createElement("input"), status = document.createElement("select");
    const count = document.createElement("output");
    name.type = "search";
    name.placeholder = "filter by name";
    name.setAttribute("aria-label", "filter by name");
    status.setAttribute("aria-label", "filter by status");
    const rows = [...table.tBodies[0].rows];
    const told = [...new Set(rows.map(row => row.dataset.status))].sort();
    status.append(new Option("every status", ""), ...told.map(each => new Option(each.replaceAll("_", " "), each)));
    const sections = [...document.querySelectorAll("details.task")];
    const filter = () => {
      const part = name.value.toLowerCase();
      const fits = each => each.dataset.task.toLowerCase().includes(part)
        && (!status.value || each.dataset.status === status.value);
      for (const each of [...rows, ...sections]) each.hidden = !fits(each);
      count.textContent = `${rows.filter(row => !row.hidden).length} of ${rows.length}`;
    };
    name.addEventListener("input", filter);
    status.addEventListener("change", filter);
    place.append(name, status, count);
    filter();
  }
  document.addEventListener("toggle", event => {
    for (const mark of event.target.querySelectorAll("mark")) {
      const box = mark.closest(".wide"), cell = mark.parentElement;
      if (box) box.scrollLeft = cell.offsetLeft - box.clientWidth / 2;
    }
  }, true);
  const unfold = document.querySelector(".unfold");
  if (unfold) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = "open all";
    button.addEventListener("click", () => {
      const all = [...document.querySelectorAll("details.task")], open = !all.every(each => each.open);
      for (const each of all) each.open = open;
      button.textContent = open ? "close all" : "open all";
    });
    unfold.append(button);
  }
  const reveal = () => {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (target && target.tagName === "DETAILS") { target.open = true; target.scrollIntoView(); }
  };
  addEventListener("hashchange", reveal);
  for (const link of document.querySelectorAll('td a[href^="#"]')) {
    link.addEventListener("click", () => setTimeout(reveal));
  }
  reveal();
  let before = null;
  addEventListener("beforeprint", () => {
    before = [...document.querySelectorAll("details:not([open])")];
    for (const each of before) each.open = true;
  });
  addEventListener("afterprint", () => { for (const each of before ?? []) each.open = false; });
  document.documentElement.dataset.ready = "yes";
})();
"""
