import { confirmed } from "./ask.js";
import { on } from "./busy.js";
import { present } from "./frame.js";
import { send } from "./http.js";
