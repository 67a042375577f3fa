// Lets what moves come to rest in a theme, then runs axe-core.
// Runs as the body of an asynchronous WebDriver script: arguments are the theme and what to call.

const [theme, done] = arguments;
const root = document.documentElement;
const before = root.getAttribute("data-theme");

const rest = async () => {
  const ends = (animation) => animation.effect.getComputedTiming().endTime < Infinity;
  const moving = document.getAnimations().filter((animation) => animation.playState === "running" && ends(animation));
  await Promise.allSettled(moving.map((animation) => animation.finished));
};

const look = async () => {
  root.setAttribute("data-theme", theme);
  // A frame for the transitions that this begins.
  await new Promise((next) => setTimeout(next, 50));
  await rest();
  const { violations } = await window.axe.run(document, { resultTypes: ["violations"] });
  return violations.map(({ id, help, nodes }) => ({
    id,
    help,
    nodes: nodes.map((node) => `${node.html} (${node.failureSummary})`),
  }));
};

look()
  .catch((error) => [{ id: "axe", help: String(error), nodes: [] }])
  .then((found) => {
    if (before === null) root.removeAttribute("data-theme");
    else root.setAttribute("data-theme", before);
    done(found);
  });
