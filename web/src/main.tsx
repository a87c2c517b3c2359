import './styles/tokens.css';
import './styles/base.css';
import './styles/frame.css';
import './styles/table.css';
import './styles/graph.css';
import './styles/job.css';
import './styles/logs.css';
import { render } from 'preact';
import { App } from './app';
import { startRouter } from './router';
import { startTheme } from './theme';

startTheme();
startRouter();
render(<App />, document.getElementById('app')!);
