//! Spanish, with "usted".

use super::Texts;

pub(super) const TEXTS: Texts = Texts {
    hello: "Hola, {name}:",
    sign_in: "Iniciar sesión",
    my_page: "Mi acceso",
    people_page: "Personas",
    invite_subject: "Su acceso al sistema telefónico",
    invite: "Ya puede iniciar sesión en el sistema telefónico de la oficina. Este enlace funciona una sola vez, hasta \
        el {until}:",
    invite_after: "Después creará una clave de acceso (passkey) y ya no necesitará ni enlace ni contraseña.",
    reset_subject: "Su enlace para iniciar sesión",
    reset: "Alguien, probablemente usted, ha pedido un enlace para iniciar sesión. Funciona una sola vez, hasta el \
        {until}:",
    reset_code: "¿Lee esto en otro dispositivo? Escriba este código en el navegador que pidió el enlace:",
    reset_warning: "Si no fue usted, no haga nada: sin este mensaje no entra nadie. No le diga el código a nadie.",
    added_subject: "Su cuenta tiene una nueva clave de acceso",
    added: "La clave de acceso «{passkey}» se añadió a su cuenta el {at}.",
    added_from: "La clave de acceso «{passkey}» se añadió a su cuenta el {at} desde {address}.",
    added_advice: "Si no fue usted, elimínela en esta página y avise enseguida a su administrador:",
    deleted_subject: "Se ha eliminado su clave de acceso",
    deleted: "La clave de acceso «{passkey}» se eliminó de su cuenta el {at}. Ya no sirve para iniciar sesión.",
    deleted_from: "La clave de acceso «{passkey}» se eliminó de su cuenta el {at} desde {address}. Ya no sirve para \
        iniciar sesión.",
    deleted_advice: "Si no lo hicieron ni usted ni su administrador, avísele enseguida. Sus claves de acceso:",
    guessed_subject: "Alguien intenta adivinar la contraseña de {username}",
    guessed: "Han fallado tantos inicios de sesión seguidos de «{username}» con contraseña que parece que alguien \
        intenta adivinarla; el último llegó el {at} desde {address}.",
    guessed_advice: "Las claves de acceso siguen funcionando. Si nadie de la oficina se equivocó al escribir, quite la \
        contraseña de esta cuenta:",
    test_subject: "Linekey puede enviar mensajes",
    test: "Este es el mensaje de prueba que pidió un administrador. El servidor de correo lo aceptó, y aquí está.",
    date: "{day} de {month} de {year} a las {time} (UTC)",
    first: "1",
    months: [
        "enero",
        "febrero",
        "marzo",
        "abril",
        "mayo",
        "junio",
        "julio",
        "agosto",
        "septiembre",
        "octubre",
        "noviembre",
        "diciembre",
    ],
};
