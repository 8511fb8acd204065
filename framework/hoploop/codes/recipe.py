"""Error codes R…: recipe."""

from __future__ import annotations

from hoploop.codes._info import INVALID, IO_ERROR, UNREACHABLE, CodeInfo

CODES: dict[str, CodeInfo] = {
    # the document: bytes to nodes
    "R001": CodeInfo("this is not YAML", "check indentation, quotes and brackets at the place shown"),
    "R002": CodeInfo("the file is too large", "a recipe may have 4 MiB; move generated parts elsewhere"),
    "R003": CodeInfo("the document is too deep or has too many nodes", "limits: depth 64, 200 000 nodes"),
    "R004": CodeInfo("aliases expand to too many nodes", "write the repeated part once and refer to it by id"),
    "R005": CodeInfo("the file is empty", "start with `recipe: NAME` and `mode: dry`"),
    "R006": CodeInfo("YAML directives are not allowed", "remove the line that starts with %"),
    "R007": CodeInfo("YAML tags are not allowed", "remove the !tag; the schema decides every type"),
    "R008": CodeInfo("only one document per file", "remove the `---` and what follows, or use a second file"),
    "R009": CodeInfo("a character or byte is not acceptable", "save the file as UTF-8 without control characters"),
    "R010": CodeInfo("a key is written twice", "keep one of the two"),
    "R011": CodeInfo("more than one '<<' in a mapping", "write `<<: [*a, *b]`"),
    "R012": CodeInfo("'<<' needs a mapping", "merge an alias of a mapping, or a list of such aliases"),
    "R013": CodeInfo("an anchor is defined twice", "give the second one another name"),
    "R014": CodeInfo("an alias has no anchor, or refers to itself", "define &name before *name and outside of it"),
    "R015": CodeInfo("other YAML tools read this as another value", "quote it"),
    "R016": CodeInfo("a key must be plain text", "quote the key"),
    # resolving ${…}
    "R020": CodeInfo("a ${…} reference is malformed", "write ${env:NAME} or ${secret:backend/name}; $${ is a plain ${"),
    "R021": CodeInfo("an environment variable is not set", "set it, or write the value into the recipe"),
    "R022": CodeInfo(
        "a secret reference is not allowed here", "secrets belong into the fields marked secret in the docs"
    ),
    "R023": CodeInfo("a secret is written in the clear", "write ${secret:env/NAME} or ${secret:file/PATH} instead"),
    "R024": CodeInfo("unknown secret backend", "backends: env/NAME, file/PATH, embedded/NAME (local chains only)"),
    "R025": CodeInfo("there is no such variable", "define it under `vars:`, in the recipe or a file it includes"),
    "R026": CodeInfo("variables refer to each other in a circle", "give one of them a value of its own"),
    "R027": CodeInfo("a list or mapping stands within text", "use ${var:NAME} as the whole value"),
    "R028": CodeInfo("a value expands to too much text", "shorten the variables it is made of"),
    # loading: includes, templates, defaults, profiles
    "R030": CodeInfo("this cannot be included", "include: lists relative paths of .yaml files, as plain text"),
    "R031": CodeInfo("an included file cannot be read", "check the path; it is relative to the file that includes it"),
    "R032": CodeInfo("includes go in a circle", "remove one of the includes; move what both need into a third file"),
    "R033": CodeInfo("too many, too deep or too large includes", "limits: 64 files, 16 levels, 4 MiB together"),
    "R034": CodeInfo("this changes an item that is not there", "use the id of an item below, or write a whole new item"),
    "R035": CodeInfo("there is no such template", "define it under `templates:`, in the recipe or a file it includes"),
    "R036": CodeInfo("templates use each other in a circle or too deep", "limit: 16 levels"),
    "R037": CodeInfo("defaults for something that has no items", "defaults are for sections that are lists of items"),
    "R038": CodeInfo("there is no such profile", "profiles: lists those there are; --profile and HOPLOOP_PROFILE choose"),
    "R039": CodeInfo("a loader key in a place where it has no meaning", "see docs/recipes/loading.md"),
    "R040": CodeInfo("too many profiles", "limit: 64; put what they share into variables"),
    # schema
    "R101": CodeInfo("unknown key", "hoploop schema prints every key there is"),
    "R102": CodeInfo("a key is missing", "add it"),
    "R103": CodeInfo("a value has the wrong type", "see the expected type in the message"),
    "R104": CodeInfo("a value is not one of the allowed ones", "use one of the listed values"),
    "R105": CodeInfo("text does not have the required form", "see the description of the key in docs/recipes"),
    "R106": CodeInfo("a quantity is not understood", 'quantities are text with a unit: "1.5 SOL", 30bps, 250ms'),
    "R107": CodeInfo("a number or length is out of range", "see the limits of the key in docs/recipes"),
    "R109": CodeInfo("unknown connector", "hoploop list connectors prints every connector there is"),
    "R110": CodeInfo("a connector refuses its configuration", "see the connector's README"),
    # references
    "R201": CodeInfo("nothing has this id", "ids are those of the sections chains, assets, venues, lenders, routes"),
    "R202": CodeInfo("an id is used twice", "ids are unique within their section, and a list names each once"),
    "R203": CodeInfo("this belongs to another chain", "use one of the same chain"),
    "R204": CodeInfo("the amount names another asset", "write the symbol or id of the asset the limit is for"),
    # cross rules
    "R301": CodeInfo(
        "a base asset that does not wrap the native coin is not supported yet",
        "use the wrapped native asset (wraps_native: true) as base; network fees are priced in it",
    ),
    "R302": CodeInfo("the lender does not lend the base asset", "add the asset to the lender, or drop the lender here"),
    "R303": CodeInfo("connector and chain are of different families", "use a connector of the chain's family"),
    "R304": CodeInfo("this number of hops is not supported", "hops: {min: 2, max: 4} is the widest"),
    "R305": CodeInfo("no cycle leads through these pools", "two or more pools must connect the base asset to itself"),
    "R306": CodeInfo("a live recipe needs a daily loss limit", "add risk.daily_loss for every base asset"),
    "R307": CodeInfo("the minimum profit must be positive", "at zero every attempt that breaks even is sent"),
    "R308": CodeInfo("an embedded chain cannot run in mode live", "use mode: paper, or a real endpoint"),
    "R309": CodeInfo("settings of an embedded chain do not fit", "`embedded:` goes with `endpoint: embedded`"),
    "R310": CodeInfo("a connector found a problem in its item", "see the connector's README"),
    "R312": CodeInfo("an embedded key on a chain that is not embedded", "embedded keys are public; use env/ or file/"),
    "R313": CodeInfo("nothing to send with", "give the strategy at least one enabled route"),
    "R314": CodeInfo("a profit above the notional is asked for", "lower profit.min or raise size.max_notional"),
    "R320": CodeInfo(
        "the language says this, but the engine cannot do it yet", "leave it out; the message says what does the same"
    ),
    "R321": CodeInfo("a cap for a lender the strategy does not use", "name one of its lenders"),
    "R322": CodeInfo("nothing to trade with", "let the strategy use own capital, or give it lenders"),
    "R323": CodeInfo("a universe holds no pool", "name venues, pools, pairs, assets or tags that pools have"),
    "R324": CodeInfo("a limit on the native coin names another asset", "name the asset that wraps the native coin"),
    "R325": CodeInfo("a live recipe needs a bound on its spending", "add risk.daily_fees, or rates to every strategy"),
    "R326": CodeInfo("one attempt may cost more than a day's budget", "raise the budget or lower fees and tips"),
    "R327": CodeInfo(
        "the largest transaction of a strategy does not fit its chain",
        "fewer hops, a lookup table with the accounts, or less gas planned for a swap",
    ),
    "R328": CodeInfo(
        "a route and its chain are not in one place", "`url: embedded` goes with `endpoint: embedded`, both or neither"
    ),
    "R329": CodeInfo("mode live over an open line", "use https:// or wss://, or a node on this machine"),
    "R330": CodeInfo(
        "attempts that are not simulated may fail at full cost",
        "write simulate: always, use routes whose failures never land, or set daily_loss, daily_fees or a rate",
    ),
    "R331": CodeInfo("two chain items are one chain", "keep one of them; strategies of one chain share its item"),
    "R332": CodeInfo("a route's identity is the key that holds the funds", "give the route a key of its own"),
    "R333": CodeInfo("one failed attempt may cost more than a day's loss", "raise the limit or lower fees and tips"),
    "R334": CodeInfo("settings that exclude each other", "leave one of them out"),
    "R335": CodeInfo("a list of pools cannot be read", "files: takes relative paths of .txt files, one id a line"),
    "R336": CodeInfo("a list of pools is too old", "write it again, or raise max_age"),
    "R337": CodeInfo(
        "a connector does not say what it costs",
        "what a recipe can spend is unknown then: use another connector, or have its author mend `costs`",
    ),
    "R338": CodeInfo("declared twice", "keep one of them; amounts and prices of both would be counted twice"),
    "R340": CodeInfo("an expectation cannot be met", "see docs/recipes/tests.md"),
    # advice: hoploop lint
    "R380": CodeInfo("an attempt may cost more than it must earn", "raise profit.min, ask for profit.cost_cover, or lower fees and tips"),
    "R381": CodeInfo("only one route to send with", "give the strategy a second route to fall back on"),
    "R382": CodeInfo("losses are not limited", "add risk.daily_loss, so that what goes live has been tried"),
    "R383": CodeInfo("fees are not limited", "add risk.daily_fees, so that what goes live has been tried"),
    "R384": CodeInfo("an anchor that nothing refers to", "remove it"),
    "R385": CodeInfo("a profile that changes nothing", "remove it, or say what is different"),
    "R386": CodeInfo("a value is written several times", "write it once under vars: and use ${var:NAME}"),
    "R387": CodeInfo("own funds are sent without a simulation", "simulate: always"),
    "R390": CodeInfo("declared but not used", "remove it or use it; --deny-warnings makes this an error"),
    "R391": CodeInfo("nothing is enabled", "enable a strategy and its chain"),
    "R395": CodeInfo("a lender has nothing to lend", "wait, or use another lender; own capital is still used"),
    "R396": CodeInfo("part of a recipe could not be compared with its chain", "see the message"),
    "R397": CodeInfo("a price is below what the chain asks", "raise it, or nothing will be included"),
    "R398": CodeInfo("two live recipes sign with one account", "give each its own account, or make one recipe of them"),
    # files and commands
    "R400": CodeInfo("the recipe is invalid", "hoploop validate RECIPE shows every finding", INVALID),
    "R401": CodeInfo("the recipe cannot be read", "check the path and its permissions", IO_ERROR),
    "R402": CodeInfo("the published schema is out of date", "run: hoploop schema > schemas/recipe.schema.json"),
    "R403": CodeInfo("a file cannot be written", "check the folder and its permissions", IO_ERROR),
    "R410": CodeInfo(
        "no recorded market beside the recipe",
        "record one: hoploop dry-run RECIPE --record; or pass one with --market FILE",
        IO_ERROR,
    ),
    "R411": CodeInfo("the recorded market does not fit the recipe", "record it again; see docs/recipes/dry_run.md"),
    "R412": CodeInfo("the lock of a recipe cannot be used", "write one with: hoploop lock RECIPE", IO_ERROR),
    "R413": CodeInfo("the recipe is not as it was locked", "look at what changed, then: hoploop lock RECIPE", INVALID),
    "R430": CodeInfo("a file is there already", "choose another name, or replace it with --force", IO_ERROR),
    # check
    "R451": CodeInfo("the chain contradicts the recipe", "correct the field, or the endpoint"),
    "R452": CodeInfo("there is not enough money", "fund the address, or lower floor, fees and tips"),
    "R454": CodeInfo("the chain's clock and this machine's differ", "set this clock by NTP; is the node in step?"),
    "R455": CodeInfo("a part of the check did not end in time", "check the endpoint, or give it more --timeout", UNREACHABLE),
    # changing what runs
    "R500": CodeInfo("a change does not fit the running recipe", "the engine runs another recipe by now: plan again"),
    # tests, layout, versions
    "R603": CodeInfo("a file is of a newer language", "install a newer Hoploop"),
    "R602": CodeInfo("the layout would change what a file says", "this is a bug in Hoploop; please report the file"),
}
