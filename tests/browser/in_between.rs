//! Somebody between page and appliance, who answers in its place.

use serde_json::{Value, json};

use super::driver::Browser;

/// Answers calls of the API in the appliance's place: `localStorage.told` has `[status, code]` by path, null for no
/// answer.
const IN_BETWEEN: &str = "
const sent = window.fetch.bind(window);
window.fetch = (path, how) => {
  const [bare] = path.split('?');
  const told = JSON.parse(localStorage.told ?? '{}')[bare];
  if (told === undefined) return sent(path, how);
  window.answered = { ...window.answered, [bare]: (window.answered?.[bare] ?? 0) + 1 };
  if (!told) return Promise.reject(new TypeError('no network'));
  const [status, error] = told;
  const message = 'This was made up by a test.';
  return Promise.resolve(new Response(JSON.stringify({ error, message }), { status }));
};";

/// Lets the appliance answer, and writes over its words: `localStorage.amended` has fields by path.
const AMENDED: &str = "
const heard = window.fetch.bind(window);
window.fetch = async (path, how) => {
  const answer = await heard(path, how);
  const told = JSON.parse(localStorage.amended ?? '{}')[path];
  if (told === undefined) return answer;
  const { status, headers } = answer;
  return new Response(JSON.stringify({ ...(await answer.json()), ...told }), { status, headers });
};";

impl Browser {
    /// In the pages to come these paths of the API answer as they do, but for these fields.
    pub(crate) fn amends(&self, told: &Value) {
        self.on_every_page(AMENDED);
        self.run(&format!("localStorage.amended = JSON.stringify({told})"));
    }

    /// Lets [`Self::answers`] answer in the pages to come.
    pub(crate) fn stand_in_between(&self) {
        self.on_every_page(IN_BETWEEN);
    }

    /// From now on these paths of the API, whatever they are asked with, answer so, each with status and code, or not
    /// at all; all others as they do.
    pub(crate) fn answers(&self, told: &Value) {
        self.run(&format!(
            "localStorage.told = JSON.stringify({told}); window.answered = {{}}"
        ));
    }

    /// Waits until the page has asked that path twice since [`Self::answers`]: it has dealt with the first answer.
    pub(crate) fn asks_twice(&self, path: &str) {
        let asked = format!("return window.answered[{}] > 1", json!(path));
        self.until(path, || self.run(&asked).as_bool()?.then_some(()));
    }
}
