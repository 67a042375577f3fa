// Remembers what the page plays, since an element that plays need not be in the document, and
// which buttons were really hit: a driver's click may land where a button has just been.
// Runs as the body of a WebDriver script, before any call.

if (!window.playedByThePage) {
  window.playedByThePage = new Set();
  const play = HTMLMediaElement.prototype.play;
  HTMLMediaElement.prototype.play = function () {
    window.playedByThePage.add(this);
    return play.call(this);
  };

  window.hitInThePage = [];
  const note = (event) => {
    const button = event.target.closest("button");
    if (button) window.hitInThePage.push(button.textContent);
  };
  document.addEventListener("click", note, true);
}
