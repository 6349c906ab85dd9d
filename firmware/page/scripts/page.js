// What the parts of the page share.

const $ = id => document.getElementById(id);

// An element with properties and children.
function made(tag, properties = {}, ...children) {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
}

function tell(text, wrong = false) {
  $("told").textContent = text;
  $("told").classList.toggle("wrong", wrong);
}

const counted = (count, thing) => `${count} ${thing}${count === 1 ? "" : "s"}`;
