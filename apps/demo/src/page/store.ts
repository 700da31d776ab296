import { useEffect, useState } from 'preact/hooks';

/** State that several components show. */
export interface Store<State> {
  get(): State;
  /** Everybody who uses it is shown anew, at most once a frame. */
  update(change: (state: State) => State): void;
  use(): State;
}

export function createStore<State>(initial: State): Store<State> {
  let state = initial;
  let isScheduled = false;
  const users = new Set<(state: State) => void>();
  return {
    get: () => state,
    update(change) {
      state = change(state);
      if (isScheduled) return;
      isScheduled = true;
      // Not with requestAnimationFrame: a page in the background has no frames.
      setTimeout(() => {
        isScheduled = false;
        for (const show of users) show(state);
      }, 16);
    },
    use() {
      const [shown, show] = useState(state);
      useEffect(() => {
        users.add(show);
        show(state);
        return () => void users.delete(show);
      }, []);
      return shown;
    },
  };
}
