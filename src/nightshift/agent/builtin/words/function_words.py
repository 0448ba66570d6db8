"""Words that carry no concept but are no names either, and no typing errors of words that do."""

from __future__ import annotations

from nightshift.agent.builtin.words.tokens import word_set

FUNCTION_WORDS = word_set("""
    a an the of in on at to for from by with about into onto off out is are was were be been being am do does did
    has have had having i me my mine we us our you your he she they them it its this that these those there here and
    or but if so then than as not no yes any some each every all both either neither much many more less very just only
    even still yet now currently right today please kindly can could would should will shall may might must let get got
    give take tell remind say know think want need see look find ask check make sure keep go going goes come which who
    whom whose what when where why how long ago far near soon ever never always often time times day days hour hours
    minute minutes week weeks month months night morning evening afternoon yesterday tomorrow tonight since until
    between during before after past last next previous current recent few couple several half thing things stuff
    kind sort type way part point place lot lots bit really actually maybe perhaps quick quickly also too again well
    ok okay hey hi hello thanks like unlike within without per via up down over under above below through across
    around against along same other another else own such one two three four five six seven eight nine ten first
    second third value values level levels rate percentage figure figures number use uses used using usage work
    works working happening happened server servers machine system systems cluster lab network data show shows list
    monday tuesday wednesday thursday friday saturday sunday pm utc noon midnight question answer someone somebody
    anyone anybody nobody nothing homelab proxmox it's let's lately altogether exactly roughly approximately meant
    older newer longer shorter bigger smaller larger fewer higher lower better worse sooner later earlier found made
    done went came took taken gave given kept put turn turned call called mean means start started stop stopped end
    begin beginning word line name names life home money match world almost enough full house believe guess hope try
    trying help simply quite rather seem seems compared total totally exist exists anywhere component components
    everywhere somewhere nowhere everyone everybody alone because become becomes became beside besides although
    though unless whether whilst however therefore thus hence possibly probably surely certainly clearly obviously
    apparently basically literally truly honestly seriously frankly generally usually normally mostly mainly
    especially specifically particularly suddenly finally eventually immediately directly straight slightly somewhat
    fairly pretty entirely completely fully partly nearly hardly barely presently recently formerly afterwards ahead
    together apart aside otherwise meanwhile anyway indeed allow allows allowed appear appears said told thought
    known seen shown leave leaves leaving stood similar certain real main single various further extra additional
    usual unusual normal regular common general specific particular exact rough short small little tiny huge low
    young early late impossible important necessary ready open closed easy difficult simple period somehow sometime
    sometimes anymore affairs whatever whichever whoever wherever whenever howdy greetings folks guys mate buddy
    dude sir board rest remainder nevertheless regardless nonetheless notwithstanding harm desk n-1 n+1
    select selects selected selecting pick picks picked objection among amongst consequence consequently broker agree
    audit handover themselves itself himself herself yourself yourselves ourselves myself
    o'clock business his him tl dr sentence sentences production meh
    confirm forth owt i.e e.g etc btw fyi aka
    """)
