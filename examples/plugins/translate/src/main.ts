// What Cairn calls: by the sections of `plugin.toml`.

import { type Routes, replyJson } from "@cairn/plugin";
import { readWanted } from "./model.js";
import { translate } from "./service.js";

export const routes: Routes = {
  translate: (request, call) => replyJson(200, { texts: translate(readWanted(request.json()), call.locale) }),
};
