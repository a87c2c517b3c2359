// Windows above the page. <dialog> keeps the focus inside and closes on Escape.

import type { ComponentChildren } from 'preact';
import { useLayoutEffect, useRef, useState } from 'preact/hooks';

interface DialogProps {
  title: string;
  onClose: () => void;
  children: ComponentChildren;
  class?: string;
  hideTitle?: boolean;
}

export function Dialog({ title, onClose, children, hideTitle, ...rest }: DialogProps) {
  const element = useRef<HTMLDialogElement>(null);
  // Before anything is painted: who opened it by a key types on.
  useLayoutEffect(() => {
    element.current?.showModal();
  }, []);
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: Escape closes a dialog by itself
    <dialog
      ref={element}
      class={rest.class}
      aria-label={title}
      onClose={onClose}
      onClick={(event) => event.target === element.current && onClose()}
    >
      {hideTitle ? (
        children
      ) : (
        <div class="dialog">
          <h2>{title}</h2>
          {children}
        </div>
      )}
    </dialog>
  );
}

interface ConfirmProps {
  title: string;
  action: string;
  danger?: boolean;
  onConfirm: () => Promise<void> | void;
  onClose: () => void;
  children: ComponentChildren;
  // A second, safer way out.
  other?: ComponentChildren;
}

// Asks before something that cannot be taken back. Stays open, with the reason, when it fails.
export function Confirm(props: ConfirmProps) {
  const [running, setRunning] = useState(false);
  const [failure, setFailure] = useState<string>();
  const confirm = async (event: Event) => {
    event.preventDefault();
    setRunning(true);
    setFailure(undefined);
    try {
      await props.onConfirm();
      props.onClose();
    } catch (error) {
      setFailure((error as Error).message);
      setRunning(false);
    }
  };
  return (
    <Dialog title={props.title} onClose={props.onClose}>
      <form class="stack" onSubmit={confirm}>
        {props.children}
        {failure !== undefined && (
          <div class="problem" role="alert">
            <p>{failure}</p>
          </div>
        )}
        <div class="actions row" style={{ justifyContent: 'flex-end' }}>
          <button type="button" class="button" onClick={props.onClose}>
            Back
          </button>
          {props.other}
          <button type="submit" class={`button ${props.danger ? 'danger' : 'primary'}`} disabled={running}>
            {running ? 'One moment…' : props.action}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
