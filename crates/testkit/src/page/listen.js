// Remembers what the page plays, since an element that plays need not be in the document.
// Runs as the body of a WebDriver script, before any call.

if (!window.playedByThePage) {
  window.playedByThePage = new Set();
  const play = HTMLMediaElement.prototype.play;
  HTMLMediaElement.prototype.play = function () {
    window.playedByThePage.add(this);
    return play.call(this);
  };
}
