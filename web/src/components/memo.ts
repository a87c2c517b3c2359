// A component that is drawn again only when one of its properties is another: what a long table's rows need.

import { Component, type ComponentType, createElement, type VNode } from 'preact';

export function differ(a: object, b: object): boolean {
  const [before, after] = [a as Record<string, unknown>, b as Record<string, unknown>];
  const keys = Object.keys(after);
  return keys.length !== Object.keys(before).length || keys.some((key) => !Object.is(before[key], after[key]));
}

export function memo<Props extends object>(inner: (props: Props) => VNode): ComponentType<Props> {
  return class extends Component<Props> {
    override shouldComponentUpdate(next: Readonly<Props>) {
      return differ(this.props, next);
    }
    override render() {
      return createElement(inner as ComponentType<Props>, this.props as Props);
    }
  };
}
