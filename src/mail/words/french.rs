//! French, with "vous". A no-break space stands before `:`, `;` and `?` and inside the quotation marks.

use super::Texts;

pub(super) const TEXTS: Texts = Texts {
    hello: "Bonjour {name},",
    sign_in: "Se connecter",
    my_page: "Ma connexion",
    people_page: "Personnes",
    invite_subject: "Votre accès au système téléphonique",
    invite: "vous pouvez désormais vous connecter au système téléphonique du bureau. Ce lien fonctionne une seule \
        fois, jusqu’au {until}\u{a0}:",
    invite_after: "Vous créerez ensuite une clé d’accès (passkey) et n’aurez plus besoin ni de lien ni de mot de \
        passe.",
    reset_subject: "Votre lien de connexion",
    reset: "quelqu’un, sans doute vous, a demandé un lien de connexion. Il fonctionne une seule fois, jusqu’au \
        {until}\u{a0}:",
    reset_code: "Vous lisez ce message sur un autre appareil\u{a0}? Saisissez ce code dans le navigateur qui a fait la \
        demande\u{a0}:",
    reset_warning: "Si ce n’était pas vous, ne faites rien\u{a0}: sans ce message, personne ne peut entrer. Ne donnez \
        ce code à personne.",
    added_subject: "Une clé d’accès a été ajoutée à votre compte",
    added: "la clé d’accès «\u{a0}{passkey}\u{a0}» a été ajoutée à votre compte le {at}.",
    added_from: "la clé d’accès «\u{a0}{passkey}\u{a0}» a été ajoutée à votre compte le {at} depuis {address}.",
    added_advice: "Si ce n’était pas vous, supprimez-la sur cette page et prévenez aussitôt votre \
        administrateur\u{a0}:",
    deleted_subject: "Votre clé d’accès a été supprimée",
    deleted: "la clé d’accès «\u{a0}{passkey}\u{a0}» a été supprimée de votre compte le {at}. Elle ne permet plus de \
        vous connecter.",
    deleted_from: "la clé d’accès «\u{a0}{passkey}\u{a0}» a été supprimée de votre compte le {at} depuis {address}. \
        Elle ne permet plus de vous connecter.",
    deleted_advice: "Si ce n’était ni vous ni votre administrateur, prévenez-le aussitôt. Vos clés d’accès\u{a0}:",
    guessed_subject: "Quelqu’un essaie de deviner le mot de passe de {username}",
    guessed: "tant de connexions de «\u{a0}{username}\u{a0}» par mot de passe ont échoué l’une après l’autre que \
        quelqu’un semble chercher à le deviner\u{a0}; la dernière est venue le {at} de {address}.",
    guessed_advice: "Les clés d’accès fonctionnent toujours. Si personne au bureau n’a fait de faute de frappe, \
        retirez le mot de passe de ce compte\u{a0}:",
    test_subject: "Linekey peut envoyer des messages",
    test: "Voici le message d’essai qu’un administrateur a demandé. Le serveur de messagerie l’a accepté, et il est \
        bien arrivé.",
    date: "{day} {month} {year} à {time} (UTC)",
    first: "1er",
    months: [
        "janvier",
        "février",
        "mars",
        "avril",
        "mai",
        "juin",
        "juillet",
        "août",
        "septembre",
        "octobre",
        "novembre",
        "décembre",
    ],
};
