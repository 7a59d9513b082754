// What every page runs: partial page updates, and the framework's menus and dialogs.
import htmx from "htmx.org";
import { Collapse, Dropdown } from "bootstrap";

window.htmx = htmx;
window.bootstrap = { Collapse, Dropdown };
