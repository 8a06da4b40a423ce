/** Texts of linked channels. Longer than 300 lines, as one table of words in six languages. */

import { words } from "../../platform/i18n/index.ts";

export const channelWords = words({
  en: {
    moved:
      "This channel is in another team of Mattermost now and stays linked with **{channel}** in Teams: everybody there can read what is written here.",
    joined_here:
      "You joined a channel that is linked with the Teams channel **{channel}** of the team **{team}**: what you write here can be read there.",
    joined_there: "{names} joined the Teams channel **{channel}** and can read what is written here.",
    more_people: "{count} more",
    names_only:
      "People of the Teams channel without a connected account here: {count}. They appear under their name only.",
    not_connected_failure:
      "Your Microsoft 365 account is not connected, and there is no bot account to write for you. Type `/msteams connect`.",
    forbidden:
      "Microsoft 365 does not let your account write in the Teams channel. Perhaps you are no member of it.",
    forbidden_bot:
      "The bot account may not write in the Teams channel. An owner of the team can add it, or you connect your own account: `/msteams connect`.",
    gone: "The Teams channel, or the message that this belongs to, does not exist any more.",
    too_large: "It is too large for Teams.",
    refused: "Microsoft 365 did not accept it.",
    expired: "It waited for three days and was given up.",
    not_sent: "Your [message]({link}) was not copied to the Teams channel **{channel}**. {reason}",
    files_not_sent:
      "Files of your [message]({link}) were not copied to the Teams channel **{channel}**: {names}",
    try_again: "Try again",
    trying: "It is sent again.",
    not_linked_any_more: "The channel is not linked any more.",
    edited: "Edited in Mattermost:",
    deleted: "The author deleted this message in Mattermost.",
    files_missing: "Not copied from Teams: {names}",
    unnamed: "a file",
    more_files: "{count} more in Teams",
    linked:
      "{user} linked this channel with the Teams channel **{channel}** of the team **{team}**. Messages, files and reactions are copied both ways; everybody in either channel can read them.",
    no_bot_account:
      "There is no bot account: messages of people without a connected account are not copied to Teams. A system admin can connect one with `/msteams connect-bot`.",
    bot_cannot_read:
      "The bot account {account} cannot read the Teams channel. Add it to the team or channel in Teams.",
    unlinked: "{user} ended the link with the Teams channel **{channel}**.",
    paused_mattermost_archived: "The Mattermost channel is archived. Nothing is copied until it is restored.",
    paused_teams_archived:
      "The channel **{channel}** is archived in Teams. Nothing is copied until it is restored there.",
    paused_teams_gone:
      "The channel **{channel}** does not exist in Teams any more. Nothing is copied. A channel admin can remove the link with `/msteams unlink`.",
    paused_permission_missing:
      "Microsoft 365 does not let this server read the channel **{channel}** at the moment: what is written there is not copied here until it does. What is written here still goes there. Your admin finds the reason in the System Console.",
    paused_tenant_changed:
      "This server belongs to another Microsoft 365 organisation now. The link with **{channel}** does not work any more; remove it with `/msteams unlink`.",
    resumed: "Messages are copied between this channel and **{channel}** in Teams again.",
    renamed_channel: "The linked Teams channel **{before}** is called **{channel}** now.",
    renamed_team: "The team **{before}** of the linked Teams channel **{channel}** is called **{team}** now.",
    switched_off:
      "Linked channels are switched off on this server. Nothing is copied between this channel and **{channel}** in Teams until they are switched on again.",
    bot_missing:
      "There is no bot account for Teams. Messages of people without a connected Microsoft 365 account are not copied to **{channel}** until a system admin connects one.",
    bot_present:
      "There is a bot account for Teams now: messages of people without a connected Microsoft 365 account are copied to **{channel}**, too.",
    became_private:
      "This channel is private now and still linked with **{channel}** in Teams: everybody there can read what is written here.",
    usage: "Usage: `/msteams link [team-id] [channel-id]`",
    no_such_channel: "You cannot read this channel.",
    direct_channel: "Direct and group messages cannot be linked.",
    guest: "Guests cannot link channels.",
    not_channel_admin: "Only channel admins can do this.",
    private_channel: "Only system admins can link a private channel.",
    archived_channel: "This channel is archived.",
    team_not_enabled: "Channels of this team cannot be linked.",
    mattermost_taken: "This channel is linked already. Type `/msteams unlink` first.",
    teams_taken: "This Teams channel is linked with another Mattermost channel already.",
    teams_taken_by: "This Teams channel is linked with {channel} already.",
    connect_first: "Connect your Microsoft 365 account first: `/msteams connect`",
    teams_not_visible: "The Teams channel does not exist, or you are not a member of it.",
    teams_unreachable: "Microsoft 365 does not answer at the moment. Try again later.",
    not_linked: "This channel is not linked.",
    link_made: "The channel is linked.",
    link_removed: "The link is removed.",
    shown: "This channel is linked with the Teams channel **{channel}** of the team **{team}**.",
    no_links: "No channel is linked.",
    table_head: "| Mattermost Team | Mattermost Channel | MS Teams Team | MS Teams Channel |",
  },
  de: {
    moved:
      "Dieser Kanal gehört jetzt zu einem anderen Mattermost-Team und bleibt mit **{channel}** in Teams verknüpft: Alle dort können lesen, was hier geschrieben wird.",
    joined_here:
      "Sie sind einem Kanal beigetreten, der mit dem Teams-Kanal **{channel}** des Teams **{team}** verknüpft ist: Was Sie hier schreiben, kann dort gelesen werden.",
    joined_there:
      "Neu im Teams-Kanal **{channel}**: {names}. Dort kann gelesen werden, was hier geschrieben wird.",
    more_people: "{count} weitere",
    names_only:
      "Personen des Teams-Kanals ohne verbundenes Konto hier: {count}. Sie erscheinen nur unter ihrem Namen.",
    not_connected_failure:
      "Ihr Microsoft-365-Konto ist nicht verbunden, und es gibt kein Bot-Konto, das für Sie schreibt. Geben Sie `/msteams connect` ein.",
    forbidden:
      "Microsoft 365 lässt Ihr Konto im Teams-Kanal nicht schreiben. Vielleicht sind Sie dort nicht Mitglied.",
    forbidden_bot:
      "Das Bot-Konto darf im Teams-Kanal nicht schreiben. Ein Besitzer des Teams kann es hinzufügen, oder Sie verbinden Ihr eigenes Konto: `/msteams connect`.",
    gone: "Den Teams-Kanal oder die Nachricht, zu der dies gehört, gibt es nicht mehr.",
    too_large: "Sie ist zu groß für Teams.",
    refused: "Microsoft 365 hat sie nicht angenommen.",
    expired: "Sie hat drei Tage gewartet und wurde aufgegeben.",
    not_sent: "Ihre [Nachricht]({link}) wurde nicht in den Teams-Kanal **{channel}** kopiert. {reason}",
    files_not_sent:
      "Dateien Ihrer [Nachricht]({link}) wurden nicht in den Teams-Kanal **{channel}** kopiert: {names}",
    try_again: "Erneut versuchen",
    trying: "Die Nachricht wird erneut gesendet.",
    not_linked_any_more: "Der Kanal ist nicht mehr verknüpft.",
    edited: "In Mattermost bearbeitet:",
    deleted: "Der Verfasser hat diese Nachricht in Mattermost gelöscht.",
    files_missing: "Nicht aus Teams kopiert: {names}",
    unnamed: "eine Datei",
    more_files: "{count} weitere in Teams",
    linked:
      "{user} hat diesen Kanal mit dem Teams-Kanal **{channel}** des Teams **{team}** verknüpft. Nachrichten, Dateien und Reaktionen werden in beide Richtungen kopiert; alle in beiden Kanälen können sie lesen.",
    no_bot_account:
      "Es gibt kein Bot-Konto: Nachrichten von Personen ohne verbundenes Konto werden nicht nach Teams kopiert. Ein Systemadministrator kann eines mit `/msteams connect-bot` verbinden.",
    bot_cannot_read:
      "Das Bot-Konto {account} kann den Teams-Kanal nicht lesen. Fügen Sie es in Teams dem Team oder Kanal hinzu.",
    unlinked: "{user} hat die Verknüpfung mit dem Teams-Kanal **{channel}** beendet.",
    paused_mattermost_archived:
      "Der Mattermost-Kanal ist archiviert. Bis er wiederhergestellt ist, wird nichts kopiert.",
    paused_teams_archived:
      "Der Kanal **{channel}** ist in Teams archiviert. Bis er dort wiederhergestellt ist, wird nichts kopiert.",
    paused_teams_gone:
      "Den Kanal **{channel}** gibt es in Teams nicht mehr. Es wird nichts kopiert. Kanaladministratoren können die Verknüpfung mit `/msteams unlink` entfernen.",
    paused_permission_missing:
      "Microsoft 365 lässt diesen Server den Kanal **{channel}** zurzeit nicht lesen: Was dort geschrieben wird, wird so lange nicht hierher kopiert. Was hier geschrieben wird, kommt weiterhin dort an. Ihre Administration findet den Grund in der Systemkonsole.",
    paused_tenant_changed:
      "Dieser Server gehört jetzt zu einer anderen Microsoft-365-Organisation. Die Verknüpfung mit **{channel}** funktioniert nicht mehr; entfernen Sie sie mit `/msteams unlink`.",
    resumed: "Nachrichten werden wieder zwischen diesem Kanal und **{channel}** in Teams kopiert.",
    renamed_channel: "Der verknüpfte Teams-Kanal **{before}** heißt jetzt **{channel}**.",
    renamed_team: "Das Team **{before}** des verknüpften Teams-Kanals **{channel}** heißt jetzt **{team}**.",
    switched_off:
      "Verknüpfte Kanäle sind auf diesem Server ausgeschaltet. Zwischen diesem Kanal und **{channel}** in Teams wird nichts kopiert, bis sie wieder eingeschaltet sind.",
    bot_missing:
      "Es gibt kein Bot-Konto für Teams. Nachrichten von Personen ohne verbundenes Microsoft-365-Konto werden nicht nach **{channel}** kopiert, bis ein Systemadministrator eines verbindet.",
    bot_present:
      "Es gibt jetzt ein Bot-Konto für Teams: Auch Nachrichten von Personen ohne verbundenes Microsoft-365-Konto werden nach **{channel}** kopiert.",
    became_private:
      "Dieser Kanal ist jetzt privat und weiterhin mit **{channel}** in Teams verknüpft: Alle dort können lesen, was hier geschrieben wird.",
    usage: "Verwendung: `/msteams link [team-id] [channel-id]`",
    no_such_channel: "Sie können diesen Kanal nicht lesen.",
    direct_channel: "Direkt- und Gruppennachrichten können nicht verknüpft werden.",
    guest: "Gäste können keine Kanäle verknüpfen.",
    not_channel_admin: "Das dürfen nur Kanaladministratoren.",
    private_channel: "Private Kanäle können nur Systemadministratoren verknüpfen.",
    archived_channel: "Dieser Kanal ist archiviert.",
    team_not_enabled: "Kanäle dieses Teams können nicht verknüpft werden.",
    mattermost_taken: "Dieser Kanal ist schon verknüpft. Geben Sie zuerst `/msteams unlink` ein.",
    teams_taken: "Dieser Teams-Kanal ist schon mit einem anderen Mattermost-Kanal verknüpft.",
    teams_taken_by: "Dieser Teams-Kanal ist schon mit {channel} verknüpft.",
    connect_first: "Verbinden Sie zuerst Ihr Microsoft-365-Konto: `/msteams connect`",
    teams_not_visible: "Den Teams-Kanal gibt es nicht, oder Sie sind dort nicht Mitglied.",
    teams_unreachable: "Microsoft 365 antwortet zurzeit nicht. Versuchen Sie es später noch einmal.",
    not_linked: "Dieser Kanal ist nicht verknüpft.",
    link_made: "Der Kanal ist verknüpft.",
    link_removed: "Die Verknüpfung ist entfernt.",
    shown: "Dieser Kanal ist mit dem Teams-Kanal **{channel}** des Teams **{team}** verknüpft.",
    no_links: "Kein Kanal ist verknüpft.",
    table_head: "| Mattermost-Team | Mattermost-Kanal | MS-Teams-Team | MS-Teams-Kanal |",
  },
  es: {
    moved:
      "Este canal está ahora en otro equipo de Mattermost y sigue vinculado con **{channel}** en Teams: allí todos pueden leer lo que se escribe aquí.",
    joined_here:
      "Se ha unido a un canal vinculado con el canal de Teams **{channel}** del equipo **{team}**: lo que escriba aquí se puede leer allí.",
    joined_there:
      "{names}: nuevos miembros del canal de Teams **{channel}**, donde se puede leer lo que se escribe aquí.",
    more_people: "{count} más",
    names_only:
      "Personas del canal de Teams sin cuenta conectada aquí: {count}. Aparecen solo con su nombre.",
    not_connected_failure:
      "Su cuenta de Microsoft 365 no está conectada y no hay ninguna cuenta de bot que escriba por usted. Escriba `/msteams connect`.",
    forbidden:
      "Microsoft 365 no permite que su cuenta escriba en el canal de Teams. Quizá no sea miembro de él.",
    forbidden_bot:
      "La cuenta de bot no puede escribir en el canal de Teams. Un propietario del equipo puede añadirla, o conecte su propia cuenta: `/msteams connect`.",
    gone: "El canal de Teams, o el mensaje al que esto pertenece, ya no existe.",
    too_large: "Es demasiado grande para Teams.",
    refused: "Microsoft 365 no lo aceptó.",
    expired: "Tras tres días de espera se abandonó el intento.",
    not_sent: "Su [mensaje]({link}) no se copió al canal de Teams **{channel}**. {reason}",
    files_not_sent:
      "Algunos archivos de su [mensaje]({link}) no se copiaron al canal de Teams **{channel}**: {names}",
    try_again: "Reintentar",
    trying: "Se envía de nuevo.",
    not_linked_any_more: "El canal ya no está vinculado.",
    edited: "Editado en Mattermost:",
    deleted: "El autor eliminó este mensaje en Mattermost.",
    files_missing: "No copiado de Teams: {names}",
    unnamed: "un archivo",
    more_files: "{count} más en Teams",
    linked:
      "{user} vinculó este canal con el canal de Teams **{channel}** del equipo **{team}**. Los mensajes, archivos y reacciones se copian en ambos sentidos; pueden leerlos todas las personas de cualquiera de los dos canales.",
    no_bot_account:
      "No hay cuenta de bot: los mensajes de personas sin cuenta conectada no se copian a Teams. Un administrador del sistema puede conectar una con `/msteams connect-bot`.",
    bot_cannot_read:
      "La cuenta de bot {account} no puede leer el canal de Teams. Añádala al equipo o canal en Teams.",
    unlinked: "{user} terminó el vínculo con el canal de Teams **{channel}**.",
    paused_mattermost_archived:
      "El canal de Mattermost está archivado. No se copia nada hasta que se restaure.",
    paused_teams_archived:
      "El canal **{channel}** está archivado en Teams. No se copia nada hasta que se restaure allí.",
    paused_teams_gone:
      "El canal **{channel}** ya no existe en Teams. No se copia nada. Un administrador del canal puede quitar el vínculo con `/msteams unlink`.",
    paused_permission_missing:
      "Microsoft 365 no permite que este servidor lea el canal **{channel}** en este momento: lo que se escribe allí no se copia aquí hasta que lo permita. Lo que se escribe aquí sigue llegando allí. Su administrador encontrará el motivo en la consola del sistema.",
    paused_tenant_changed:
      "Este servidor pertenece ahora a otra organización de Microsoft 365. El vínculo con **{channel}** ya no funciona; quítelo con `/msteams unlink`.",
    resumed: "Los mensajes vuelven a copiarse entre este canal y **{channel}** en Teams.",
    renamed_channel: "El canal de Teams vinculado **{before}** se llama ahora **{channel}**.",
    renamed_team:
      "El equipo **{before}** del canal de Teams vinculado **{channel}** se llama ahora **{team}**.",
    switched_off:
      "Los canales vinculados están desactivados en este servidor. No se copia nada entre este canal y **{channel}** en Teams hasta que se activen de nuevo.",
    bot_missing:
      "No hay cuenta de bot para Teams. Los mensajes de quienes no tienen una cuenta de Microsoft 365 conectada no se copian a **{channel}** hasta que un administrador del sistema conecte una.",
    bot_present:
      "Ya hay una cuenta de bot para Teams: también se copian a **{channel}** los mensajes de quienes no tienen una cuenta de Microsoft 365 conectada.",
    became_private:
      "Este canal ahora es privado y sigue vinculado con **{channel}** en Teams: allí todos pueden leer lo que se escribe aquí.",
    usage: "Uso: `/msteams link [team-id] [channel-id]`",
    no_such_channel: "No puede leer este canal.",
    direct_channel: "Los mensajes directos y de grupo no se pueden vincular.",
    guest: "Los invitados no pueden vincular canales.",
    not_channel_admin: "Solo los administradores del canal pueden hacerlo.",
    private_channel: "Solo los administradores del sistema pueden vincular un canal privado.",
    archived_channel: "Este canal está archivado.",
    team_not_enabled: "Los canales de este equipo no se pueden vincular.",
    mattermost_taken: "Este canal ya está vinculado. Escriba primero `/msteams unlink`.",
    teams_taken: "Este canal de Teams ya está vinculado con otro canal de Mattermost.",
    teams_taken_by: "Este canal de Teams ya está vinculado con {channel}.",
    connect_first: "Conecte primero su cuenta de Microsoft 365: `/msteams connect`",
    teams_not_visible: "El canal de Teams no existe o usted no es miembro.",
    teams_unreachable: "Microsoft 365 no responde en este momento. Inténtelo más tarde.",
    not_linked: "Este canal no está vinculado.",
    link_made: "El canal está vinculado.",
    link_removed: "Se ha quitado el vínculo.",
    shown: "Este canal está vinculado con el canal de Teams **{channel}** del equipo **{team}**.",
    no_links: "Ningún canal está vinculado.",
    table_head: "| Equipo de Mattermost | Canal de Mattermost | Equipo de MS Teams | Canal de MS Teams |",
  },
  fr: {
    moved:
      "Ce canal est maintenant dans une autre équipe Mattermost et reste lié à **{channel}** dans Teams : tous ceux qui y sont peuvent lire ce qui est écrit ici.",
    joined_here:
      "Vous avez rejoint un canal lié au canal Teams **{channel}** de l’équipe **{team}** : ce que vous écrivez ici peut y être lu.",
    joined_there:
      "{names} : nouveaux membres du canal Teams **{channel}**, où l’on peut lire ce qui est écrit ici.",
    more_people: "{count} de plus",
    names_only:
      "Personnes du canal Teams sans compte connecté ici : {count}. Elles apparaissent seulement sous leur nom.",
    not_connected_failure:
      "Votre compte Microsoft 365 n’est pas connecté, et il n’y a pas de compte de bot pour écrire à votre place. Saisissez `/msteams connect`.",
    forbidden:
      "Microsoft 365 ne permet pas à votre compte d’écrire dans le canal Teams. Vous n’en êtes peut-être pas membre.",
    forbidden_bot:
      "Le compte de bot ne peut pas écrire dans le canal Teams. Un propriétaire de l’équipe peut l’ajouter, ou connectez votre propre compte : `/msteams connect`.",
    gone: "Le canal Teams, ou le message auquel cela se rapporte, n’existe plus.",
    too_large: "C’est trop volumineux pour Teams.",
    refused: "Microsoft 365 ne l’a pas accepté.",
    expired: "Il a attendu trois jours et a été abandonné.",
    not_sent: "Votre [message]({link}) n’a pas été copié dans le canal Teams **{channel}**. {reason}",
    files_not_sent:
      "Des fichiers de votre [message]({link}) n’ont pas été copiés dans le canal Teams **{channel}** : {names}",
    try_again: "Réessayer",
    trying: "Le message est renvoyé.",
    not_linked_any_more: "Le canal n’est plus lié.",
    edited: "Modifié dans Mattermost :",
    deleted: "L’auteur a supprimé ce message dans Mattermost.",
    files_missing: "Non copié depuis Teams : {names}",
    unnamed: "un fichier",
    more_files: "{count} de plus dans Teams",
    linked:
      "{user} a lié ce canal au canal Teams **{channel}** de l’équipe **{team}**. Les messages, fichiers et réactions sont copiés dans les deux sens ; tous les membres des deux canaux peuvent les lire.",
    no_bot_account:
      "Il n’y a pas de compte de bot : les messages des personnes sans compte connecté ne sont pas copiés dans Teams. Un administrateur système peut en connecter un avec `/msteams connect-bot`.",
    bot_cannot_read:
      "Le compte de bot {account} ne peut pas lire le canal Teams. Ajoutez-le à l’équipe ou au canal dans Teams.",
    unlinked: "{user} a mis fin au lien avec le canal Teams **{channel}**.",
    paused_mattermost_archived: "Le canal Mattermost est archivé. Rien n’est copié avant sa restauration.",
    paused_teams_archived:
      "Le canal **{channel}** est archivé dans Teams. Rien n’est copié avant sa restauration.",
    paused_teams_gone:
      "Le canal **{channel}** n’existe plus dans Teams. Rien n’est copié. Un administrateur du canal peut supprimer le lien avec `/msteams unlink`.",
    paused_permission_missing:
      "Microsoft 365 ne permet pas actuellement à ce serveur de lire le canal **{channel}** : ce qui y est écrit n’est plus copié ici tant que cela dure. Ce qui est écrit ici y arrive toujours. Votre administrateur trouvera la raison dans la console système.",
    paused_tenant_changed:
      "Ce serveur appartient maintenant à une autre organisation Microsoft 365. Le lien avec **{channel}** ne fonctionne plus ; supprimez-le avec `/msteams unlink`.",
    resumed: "Les messages sont de nouveau copiés entre ce canal et **{channel}** dans Teams.",
    renamed_channel: "Le canal Teams lié **{before}** s’appelle désormais **{channel}**.",
    renamed_team: "L’équipe **{before}** du canal Teams lié **{channel}** s’appelle désormais **{team}**.",
    switched_off:
      "Les canaux liés sont désactivés sur ce serveur. Rien n’est copié entre ce canal et **{channel}** dans Teams jusqu’à leur réactivation.",
    bot_missing:
      "Il n’y a pas de compte de bot pour Teams. Les messages des personnes sans compte Microsoft 365 connecté ne sont pas copiés vers **{channel}** tant qu’un administrateur système n’en connecte pas un.",
    bot_present:
      "Il y a maintenant un compte de bot pour Teams : les messages des personnes sans compte Microsoft 365 connecté sont aussi copiés vers **{channel}**.",
    became_private:
      "Ce canal est maintenant privé et reste lié à **{channel}** dans Teams : tous ceux qui y sont peuvent lire ce qui est écrit ici.",
    usage: "Utilisation : `/msteams link [team-id] [channel-id]`",
    no_such_channel: "Vous ne pouvez pas lire ce canal.",
    direct_channel: "Les messages personnels et de groupe ne peuvent pas être liés.",
    guest: "Les invités ne peuvent pas lier de canaux.",
    not_channel_admin: "Seuls les administrateurs du canal peuvent le faire.",
    private_channel: "Seuls les administrateurs système peuvent lier un canal privé.",
    archived_channel: "Ce canal est archivé.",
    team_not_enabled: "Les canaux de cette équipe ne peuvent pas être liés.",
    mattermost_taken: "Ce canal est déjà lié. Saisissez d’abord `/msteams unlink`.",
    teams_taken: "Ce canal Teams est déjà lié à un autre canal Mattermost.",
    teams_taken_by: "Ce canal Teams est déjà lié à {channel}.",
    connect_first: "Connectez d’abord votre compte Microsoft 365 : `/msteams connect`",
    teams_not_visible: "Le canal Teams n’existe pas, ou vous n’en êtes pas membre.",
    teams_unreachable: "Microsoft 365 ne répond pas pour le moment. Réessayez plus tard.",
    not_linked: "Ce canal n’est pas lié.",
    link_made: "Le canal est lié.",
    link_removed: "Le lien est supprimé.",
    shown: "Ce canal est lié au canal Teams **{channel}** de l’équipe **{team}**.",
    no_links: "Aucun canal n’est lié.",
    table_head: "| Équipe Mattermost | Canal Mattermost | Équipe MS Teams | Canal MS Teams |",
  },
  ja: {
    moved:
      "このチャンネルは別の Mattermost チームに移りましたが、Teams の **{channel}** とのリンクは続いています。そこの全員がここの内容を読めます。",
    joined_here:
      "このチャンネルはチーム **{team}** の Teams チャネル **{channel}** とリンクされています。ここに書いた内容はそこで読むことができます。",
    joined_there:
      "{names} さんが Teams チャネル **{channel}** に参加しました。ここに書かれた内容を読むことができます。",
    more_people: "ほか {count} 人",
    names_only: "ここに接続済みのアカウントがない Teams チャネルの人数: {count}。名前だけで表示されます。",
    not_connected_failure:
      "Microsoft 365 アカウントが接続されておらず、代わりに書き込むボットアカウントもありません。`/msteams connect` と入力してください。",
    forbidden:
      "Microsoft 365 は、あなたのアカウントによる Teams チャネルへの書き込みを許可していません。チャネルのメンバーではない可能性があります。",
    forbidden_bot:
      "ボットアカウントは Teams チャネルに書き込めません。チームの所有者が追加するか、`/msteams connect` でご自分のアカウントを接続してください。",
    gone: "Teams チャネル、またはこの投稿が属するメッセージはもう存在しません。",
    too_large: "Teams には大きすぎます。",
    refused: "Microsoft 365 が受け付けませんでした。",
    expired: "3 日間待ちましたが、送信を中止しました。",
    not_sent: "[メッセージ]({link})は Teams チャネル **{channel}** にコピーされませんでした。{reason}",
    files_not_sent:
      "[メッセージ]({link})のファイルは Teams チャネル **{channel}** にコピーされませんでした: {names}",
    try_again: "再試行",
    trying: "もう一度送信しています。",
    not_linked_any_more: "このチャンネルはもうリンクされていません。",
    edited: "Mattermost で編集:",
    deleted: "投稿者が Mattermost でこのメッセージを削除しました。",
    files_missing: "Teams からコピーされませんでした: {names}",
    unnamed: "ファイル",
    more_files: "Teams にほか {count} 件",
    linked:
      "{user} さんがこのチャンネルをチーム **{team}** の Teams チャネル **{channel}** とリンクしました。メッセージ、ファイル、リアクションは双方向にコピーされ、どちらのチャンネルの全員も読めます。",
    no_bot_account:
      "ボットアカウントがありません。アカウントを接続していない人のメッセージは Teams にコピーされません。システム管理者は `/msteams connect-bot` で接続できます。",
    bot_cannot_read:
      "ボットアカウント {account} は Teams チャネルを読めません。Teams でチームまたはチャネルに追加してください。",
    unlinked: "{user} さんが Teams チャネル **{channel}** とのリンクを解除しました。",
    paused_mattermost_archived:
      "Mattermost チャンネルはアーカイブされています。復元されるまで何もコピーされません。",
    paused_teams_archived:
      "チャネル **{channel}** は Teams でアーカイブされています。復元されるまで何もコピーされません。",
    paused_teams_gone:
      "チャネル **{channel}** は Teams にもう存在しません。何もコピーされません。チャンネル管理者は `/msteams unlink` でリンクを解除できます。",
    paused_permission_missing:
      "現在、Microsoft 365 はこのサーバーがチャネル **{channel}** を読むことを許可していません。許可されるまで、そこに書かれた内容はここにコピーされません。ここに書かれた内容は引き続きそこに届きます。理由は管理者がシステムコンソールで確認できます。",
    paused_tenant_changed:
      "このサーバーは現在、別の Microsoft 365 組織に属しています。**{channel}** とのリンクはもう機能しません。`/msteams unlink` で解除してください。",
    resumed: "このチャンネルと Teams の **{channel}** の間でメッセージのコピーが再開されました。",
    renamed_channel: "リンクした Teams チャネル **{before}** の名前は **{channel}** になりました。",
    renamed_team:
      "リンクした Teams チャネル **{channel}** のチーム **{before}** の名前は **{team}** になりました。",
    switched_off:
      "このサーバーではリンクしたチャンネルが無効になっています。再び有効になるまで、このチャンネルと Teams の **{channel}** の間では何もコピーされません。",
    bot_missing:
      "Teams 用のボットアカウントがありません。システム管理者が接続するまで、Microsoft 365 アカウントを接続していない人のメッセージは **{channel}** にコピーされません。",
    bot_present:
      "Teams 用のボットアカウントが接続されました。Microsoft 365 アカウントを接続していない人のメッセージも **{channel}** にコピーされます。",
    became_private:
      "このチャンネルは非公開になりましたが、Teams の **{channel}** とのリンクは続いています。そこの全員がここの内容を読めます。",
    usage: "使い方: `/msteams link [team-id] [channel-id]`",
    no_such_channel: "このチャンネルを読むことができません。",
    direct_channel: "ダイレクトメッセージとグループメッセージはリンクできません。",
    guest: "ゲストはチャンネルをリンクできません。",
    not_channel_admin: "この操作はチャンネル管理者だけが行えます。",
    private_channel: "非公開チャンネルをリンクできるのはシステム管理者だけです。",
    archived_channel: "このチャンネルはアーカイブされています。",
    team_not_enabled: "このチームのチャンネルはリンクできません。",
    mattermost_taken: "このチャンネルはすでにリンクされています。先に `/msteams unlink` と入力してください。",
    teams_taken: "この Teams チャネルはすでに別の Mattermost チャンネルとリンクされています。",
    teams_taken_by: "この Teams チャネルはすでに {channel} とリンクされています。",
    connect_first: "先に Microsoft 365 アカウントを接続してください: `/msteams connect`",
    teams_not_visible: "Teams チャネルが存在しないか、あなたがメンバーではありません。",
    teams_unreachable: "現在 Microsoft 365 が応答していません。後でもう一度お試しください。",
    not_linked: "このチャンネルはリンクされていません。",
    link_made: "チャンネルをリンクしました。",
    link_removed: "リンクを解除しました。",
    shown: "このチャンネルはチーム **{team}** の Teams チャネル **{channel}** とリンクされています。",
    no_links: "リンクしたチャンネルはありません。",
    table_head: "| Mattermost チーム | Mattermost チャンネル | MS Teams チーム | MS Teams チャネル |",
  },
  ar: {
    moved:
      "أصبحت هذه القناة في فريق آخر في Mattermost ولا تزال مرتبطة بالقناة **{channel}** في Teams: يستطيع الجميع هناك قراءة ما يُكتب هنا.",
    joined_here:
      "انضممت إلى قناة مرتبطة بقناة Teams **{channel}** في الفريق **{team}**: ما تكتبه هنا يمكن قراءته هناك.",
    joined_there: "انضم {names} إلى قناة Teams **{channel}**: ما يُكتب هنا يمكن قراءته هناك.",
    more_people: "{count} آخرون",
    names_only: "أعضاء قناة Teams الذين ليس لديهم حساب متصل هنا: {count}. يظهرون بأسمائهم فقط.",
    not_connected_failure:
      "حسابك في Microsoft 365 غير متصل، ولا يوجد حساب روبوت يكتب نيابة عنك. اكتب \u200e`/msteams connect`.",
    forbidden: "لا يسمح Microsoft 365 لحسابك بالكتابة في قناة Teams. ربما لست عضوًا فيها.",
    forbidden_bot:
      "لا يمكن لحساب الروبوت الكتابة في قناة Teams. يمكن لمالك الفريق إضافته، أو وصّل حسابك أنت: \u200e`/msteams connect`.",
    gone: "لم تعد قناة Teams، أو الرسالة التي يتبعها هذا، موجودة.",
    too_large: "الحجم كبير جدًا بالنسبة إلى Teams.",
    refused: "لم يقبلها Microsoft 365.",
    expired: "انتظرت ثلاثة أيام ثم أُلغي إرسالها.",
    not_sent: "لم تُنسخ [رسالتك]({link}) إلى قناة Teams **{channel}**. {reason}",
    files_not_sent: "لم تُنسخ ملفات [رسالتك]({link}) إلى قناة Teams **{channel}**: {names}",
    try_again: "إعادة المحاولة",
    trying: "تجري إعادة إرسالها.",
    not_linked_any_more: "لم تعد القناة مرتبطة.",
    edited: "عُدّلت في Mattermost:",
    deleted: "حذف الكاتب هذه الرسالة في Mattermost.",
    files_missing: "لم يُنسخ من Teams: {names}",
    unnamed: "ملف",
    more_files: "{count} أخرى في Teams",
    linked:
      "ربط {user} هذه القناة بقناة Teams **{channel}** في الفريق **{team}**. تُنسخ الرسائل والملفات والتفاعلات في الاتجاهين، ويمكن للجميع في القناتين قراءتها.",
    no_bot_account:
      "لا يوجد حساب روبوت: لا تُنسخ إلى Teams رسائل من ليس لديهم حساب متصل. يمكن لمسؤول النظام توصيل حساب روبوت عبر \u200e`/msteams connect-bot`.",
    bot_cannot_read: "لا يستطيع حساب الروبوت {account} قراءة قناة Teams. أضفه إلى الفريق أو القناة في Teams.",
    unlinked: "أنهى {user} الربط بقناة Teams **{channel}**.",
    paused_mattermost_archived: "قناة Mattermost مؤرشفة. لا يُنسخ شيء حتى تُستعاد.",
    paused_teams_archived: "القناة **{channel}** مؤرشفة في Teams. لا يُنسخ شيء حتى تُستعاد هناك.",
    paused_teams_gone:
      "لم تعد القناة **{channel}** موجودة في Teams. لا يُنسخ شيء. يمكن لمسؤول القناة إزالة الربط عبر \u200e`/msteams unlink`.",
    paused_permission_missing:
      "لا يسمح Microsoft 365 لهذا الخادم بقراءة القناة **{channel}** حاليًا: لا يُنسخ ما يُكتب هناك إلى هنا حتى يسمح بذلك. وما يُكتب هنا يصل إلى هناك كالمعتاد. يجد المسؤول السبب في وحدة تحكم النظام.",
    paused_tenant_changed:
      "ينتمي هذا الخادم الآن إلى مؤسسة أخرى في Microsoft 365. لم يعد الربط بالقناة **{channel}** يعمل؛ أزله عبر \u200e`/msteams unlink`.",
    resumed: "استؤنف نسخ الرسائل بين هذه القناة والقناة **{channel}** في Teams.",
    renamed_channel: "تغيّر اسم قناة Teams المرتبطة من **{before}** إلى **{channel}**.",
    renamed_team:
      "تغيّر اسم الفريق **{before}**، الذي تتبعه قناة Teams المرتبطة **{channel}**، إلى **{team}**.",
    switched_off:
      "القنوات المرتبطة متوقفة على هذا الخادم. لا يُنسخ شيء بين هذه القناة والقناة **{channel}** في Teams حتى يُعاد تفعيلها.",
    bot_missing:
      "لا يوجد حساب روبوت لـ Teams. لا تُنسخ إلى **{channel}** رسائل من ليس لديهم حساب Microsoft 365 متصل حتى يوصّل مسؤول النظام حساب روبوت.",
    bot_present:
      "يوجد الآن حساب روبوت لـ Teams: تُنسخ إلى **{channel}** أيضًا رسائل من ليس لديهم حساب Microsoft 365 متصل.",
    became_private:
      "أصبحت هذه القناة خاصة ولا تزال مرتبطة بالقناة **{channel}** في Teams: يستطيع الجميع هناك قراءة ما يُكتب هنا.",
    usage: "الاستخدام: \u200e`/msteams link [team-id] [channel-id]`",
    no_such_channel: "لا يمكنك قراءة هذه القناة.",
    direct_channel: "لا يمكن ربط الرسائل المباشرة ورسائل المجموعات.",
    guest: "لا يمكن للضيوف ربط القنوات.",
    not_channel_admin: "هذا متاح لمسؤولي القناة فقط.",
    private_channel: "لا يمكن لغير مسؤولي النظام ربط قناة خاصة.",
    archived_channel: "هذه القناة مؤرشفة.",
    team_not_enabled: "لا يمكن ربط قنوات هذا الفريق.",
    mattermost_taken: "هذه القناة مرتبطة بالفعل. اكتب أولًا \u200e`/msteams unlink`.",
    teams_taken: "قناة Teams هذه مرتبطة بالفعل بقناة أخرى في Mattermost.",
    teams_taken_by: "قناة Teams هذه مرتبطة بالفعل بالقناة {channel}.",
    connect_first: "وصّل حسابك في Microsoft 365 أولًا: \u200e`/msteams connect`",
    teams_not_visible: "قناة Teams غير موجودة، أو لست عضوًا فيها.",
    teams_unreachable: "لا يستجيب Microsoft 365 حاليًا. حاول لاحقًا.",
    not_linked: "هذه القناة غير مرتبطة.",
    link_made: "تم ربط القناة.",
    link_removed: "تمت إزالة الربط.",
    shown: "هذه القناة مرتبطة بقناة Teams **{channel}** في الفريق **{team}**.",
    no_links: "لا توجد قناة مرتبطة.",
    table_head: "| فريق Mattermost | قناة Mattermost | فريق MS Teams | قناة MS Teams |",
  },
});

export type ChannelWord = keyof (typeof channelWords.table)["en"];

/** Why a message is not in Teams, as shown to its author. */
export type Failure =
  | "not_connected_failure"
  | "forbidden"
  | "forbidden_bot"
  | "gone"
  | "too_large"
  | "refused"
  | "expired";

/** Why a person may not link, unlink or see a link. */
export type Refusal =
  | "usage"
  | "no_such_channel"
  | "direct_channel"
  | "guest"
  | "not_channel_admin"
  | "private_channel"
  | "archived_channel"
  | "team_not_enabled"
  | "mattermost_taken"
  | "teams_taken"
  | "teams_taken_by"
  | "connect_first"
  | "teams_not_visible"
  | "teams_unreachable"
  | "bot_cannot_read"
  | "not_linked";
