"use strict";

// The cards of the routing rules: the blank card and the blank row that the page ends with, for
// browsers without JavaScript, become the moulds of those that the buttons add.
(() => {
  const list = document.querySelector("[data-rules]");
  if (!list || list.closest("fieldset")?.disabled) {
    return;
  }
  let added = 0;

  const blank = (kind, root) => root.querySelector(`:scope [data-${kind}][data-blank]`);
  const copyOf = (mould, prefix) => {
    const copy = mould.cloneNode(true);
    const key = `new${++added}`;
    for (const element of copy.querySelectorAll("[name], [id], [for], [aria-describedby]")) {
      for (const attribute of ["name", "id", "for", "aria-describedby"]) {
        const value = element.getAttribute(attribute);
        if (value) {
          element.setAttribute(attribute, value.replace(prefix, `$1${key}$2`));
        }
      }
    }
    copy.removeAttribute("data-blank");
    return copy;
  };
  const rows = (rule) => [...rule.querySelectorAll("[data-condition]")];
  const describe = (rule) => {
    rule.querySelector(".no-conditions").hidden = rows(rule).length > 0;
  };
  const addRow = (rule, focus) => {
    const prefix = rule.querySelector("[name$='-name']").name.slice(0, -"-name".length);
    const row = copyOf(rowMould, /^()x-conditions-x(.*)$/);
    for (const element of row.querySelectorAll("[name]")) {
      element.name = `${prefix}-conditions-${element.name}`;
    }
    rule.querySelector(".no-conditions").before(row);
    describe(rule);
    if (focus) {
      row.querySelector("input").focus();
    }
  };
  const settle = (rule) => {
    for (const row of rows(rule).filter((row) => "blank" in row.dataset)) {
      row.remove();
    }
    for (const tick of rule.querySelectorAll("[data-tick]")) {
      tick.remove();
    }
    for (const button of rule.querySelectorAll("button[hidden]")) {
      button.hidden = false;
    }
    describe(rule);
  };
  const ends = () => {
    const rules = [...list.querySelectorAll("[data-rule]")];
    for (const rule of rules) {
      rule.querySelector("[data-move='up']").disabled = rule === rules[0];
      rule.querySelector("[data-move='down']").disabled = rule === rules.at(-1);
    }
  };

  const ruleMould = blank("rule", list);
  const rowMould = blank("condition", ruleMould).cloneNode(true);
  for (const tick of rowMould.querySelectorAll("[data-tick]")) {
    tick.remove();
  }
  for (const element of rowMould.querySelectorAll("[name]")) {
    element.name = element.name.replace(/^.*-(\w+)$/, "x-conditions-x-$1");
  }
  const rulePrefix = /^((?:id_)?[a-z]+-)\d+(-.*)$/;
  ruleMould.remove();
  list.querySelectorAll("[data-rule]").forEach(settle);
  settle(ruleMould);
  const add = list.querySelector("[data-add='rule']");
  add.hidden = false;
  ends();

  list.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    const rule = button?.closest("[data-rule]");
    if (button === add) {
      const fresh = copyOf(ruleMould, rulePrefix);
      add.parentElement.before(fresh);
      addRow(fresh, false);
      fresh.querySelector("[name$='-name']").focus();
    } else if (button?.dataset.add === "condition") {
      addRow(rule, true);
    } else if (button?.dataset.remove === "condition") {
      button.closest("[data-condition]").remove();
      describe(rule);
    } else if (button?.dataset.remove === "rule") {
      rule.remove();
      add.focus();
    } else if (button?.dataset.move === "up") {
      rule.previousElementSibling.before(rule);
      button.focus();
    } else if (button?.dataset.move === "down") {
      rule.nextElementSibling.after(rule);
      button.focus();
    }
    ends();
  });
})();
